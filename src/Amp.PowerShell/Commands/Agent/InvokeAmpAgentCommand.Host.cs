using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <content>Runs on other machines over SSH: each prompt on each host, and each object with a prompt on a host of its own.</content>
public sealed partial class InvokeAmpAgentCommand
{
    private const string OneThread = "Several hosts cannot continue the same thread.";

    private SshTransport[]? _hosts;
    private int _hostRuns;

    /// <summary>
    /// The hosts on which the agent works, over SSH: <c>host</c>, <c>user@host</c> or <c>user@host:port</c>. Each prompt runs on each host. A host requires an SSH
    /// server, a POSIX shell and the Amp CLI. Paths are those of the host. See about_Amp_Remote.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? HostName { get; set; }

    /// <inheritdoc/>
    private protected override bool IsElsewhere => HostName is not null;

    private bool IsOnManyHosts => _hosts is { Length: > 1 };

    // All at once, so that a wrong one is reported before any run starts.
    private void ReadHosts()
    {
        if (HostName is null)
        {
            // Piped objects can name hosts.
            if (Prompt is not null || Message is not null)
            {
                OrThrow(CheckWithoutHost);
            }

            return;
        }

        _hosts = OrThrow(() => HostName.Select(ToTransport).ToArray());
        if (_hosts.Length > 1 && (ThreadId is not null || ContinueThread))
        {
            Refuse(OneThread, nameof(HostName), "Give one host, or omit -ThreadId and -ContinueThread.");
        }

        if (_hosts.Length > 1 && Message is not null)
        {
            Refuse("A conversation runs on one host.", nameof(HostName), "Give one host, or pipe in prompts.");
        }
    }

    // One run for each host; one if the row names its host, or on this machine if there are none.
    private FleetTask[] TasksOf(string prompt, TaskRow? row = null)
    {
        SshTransport?[] hosts = row?.HostName is null && _hosts is not null ? _hosts : (SshTransport?[])[null];
        return
        [
            .. hosts.Select(host => new FleetTask
            {
                Number = IsOnManyHosts ? ++_hostRuns : _pipedCount,
                Row = _pipedCount,
                Prompt = prompt,
                IsRow = row is not null,
                Transport = host,
            }),
        ];
    }

    // The host of a row comes before those of the call.
    private SshTransport? HostOf(FleetTask task, TaskRow? row)
    {
        if (row?.HostName is string name)
        {
            task.Transport = ToTransport(name);
        }
        else if (HostName is null)
        {
            row?.CheckHost();
            CheckWithoutHost();
        }

        return task.Transport;
    }

    // Also not one after the other: the second host would continue what the first one has made of the thread.
    private void RefuseThreadOnHosts(TaskRow? row, string? thread)
    {
        if (IsOnManyHosts && row is { HostName: null } && thread is not null)
        {
            throw new AmpValidationException(OneThread, nameof(HostName), "Give one host, or name the host of this row in its HostName property.", thread);
        }
    }

    private void RunOnHosts(string prompt)
    {
        foreach (FleetTask task in TasksOf(prompt))
        {
            Start(task, row: null);
        }
    }
}
