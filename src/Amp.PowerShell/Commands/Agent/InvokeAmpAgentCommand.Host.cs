using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <content>Runs on other machines over SSH, with the parameters of <c>Invoke-Command</c>.</content>
public sealed partial class InvokeAmpAgentCommand
{
    private IReadOnlyList<SshTransport>? _hosts;
    private int _hostRuns;

    /// <summary>
    /// The hosts on which the agent works, over SSH: <c>host</c>, <c>user@host</c> or <c>user@host:port</c>. Each prompt runs on each host. A host requires an SSH
    /// server, a POSIX shell and the Amp CLI. Paths are those of the host. See about_Amp_Remote.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? HostName { get; set; }

    /// <summary>The user on the hosts, unless <c>-HostName</c> contains one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>The port of the SSH servers, unless <c>-HostName</c> contains one.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>The file of your private key for the hosts.</summary>
    [Parameter]
    [Alias("IdentityFilePath")]
    [ValidateNotNullOrEmpty]
    public string? KeyFilePath { get; set; }

    /// <summary>Says that SSH is used, as in <c>Invoke-Command</c>. It is the only transport, so you can omit this switch.</summary>
    [Parameter]
    public SwitchParameter SSHTransport { get; set; }

    /// <summary>
    /// Options of SSH, as in its configuration file: <c>@{ ProxyJump = 'gate' }</c>. The key <c>F</c> is the path of a configuration file to use instead of yours.
    /// </summary>
    [Parameter]
    [DictionaryTransformation("@{ NAME = 'value' }")]
    public IDictionary? Options { get; set; }

    /// <inheritdoc/>
    private protected override bool IsElsewhere => HostName is not null;

    // All at once, so that a wrong one is reported before any run starts.
    private void ReadHosts()
    {
        if (HostName is null)
        {
            foreach (string name in HostParameter.Others)
            {
                if (MyInvocation.BoundParameters.ContainsKey(name))
                {
                    Refuse($"-{name} requires -HostName.", name, $"Add -HostName, or omit -{name}.");
                }
            }

            return;
        }

        _hosts = OrThrow(() => HostParameter.ToTransports(HostName, UserName, Port, Resolve(KeyFilePath, nameof(KeyFilePath)), Options, path => Resolve(path, nameof(Options))!));
        if (_hosts.Count > 1 && (ThreadId is not null || ContinueThread))
        {
            Refuse("Several hosts cannot continue the same thread.", nameof(HostName), "Give one host, or omit -ThreadId and -ContinueThread.");
        }

        if (_hosts.Count > 1 && Message is not null)
        {
            Refuse("A conversation runs on one host.", nameof(HostName), "Give one host, or pipe in prompts.");
        }
    }

    // A replay answers for hosts too: a test of a script connects to nothing.
    private static AmpTransport? TransportTo(AmpTransport? host) => RunspaceState.Current.Replay?.Transport ?? host;

    private bool IsOnManyHosts => _hosts is { Count: > 1 };

    // One run for each host; one on this machine if there are none.
    private IEnumerable<FleetTask> TasksOf(string prompt, bool isRow) => _hosts is null
        ? [new FleetTask { Number = _pipedCount, Prompt = prompt, IsRow = isRow }]
        : _hosts.Select(host => new FleetTask
        {
            Number = IsOnManyHosts ? ++_hostRuns : _pipedCount,
            Row = _pipedCount,
            Prompt = prompt,
            IsRow = isRow,
            Transport = host,
        });

    private void RunOnHosts(string prompt)
    {
        foreach (FleetTask task in TasksOf(prompt, isRow: false).ToArray())
        {
            Start(task, row: null);
        }
    }
}
