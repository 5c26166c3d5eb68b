using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// The base class of cmdlets whose agent can work on other machines over SSH. It has the parameters of <c>Invoke-Command</c>, except for the hosts.
/// </summary>
public abstract class HostRunCmdlet : AmpRunCmdlet, IHostParameters
{
    private Func<string, SshTransport>? _toTransport;

    /// <summary>The user on the host, unless the name of the host contains one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>The port of the SSH server, unless the name of the host contains one.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>The file of your private key for the host.</summary>
    [Parameter]
    [Alias("IdentityFilePath")]
    [ValidateNotNullOrEmpty]
    public string? KeyFilePath { get; set; }

    /// <summary>Specifies that SSH is used, as in <c>Invoke-Command</c>. It is the only transport, so you can omit this switch.</summary>
    [Parameter]
    public SwitchParameter SSHTransport { get; set; }

    /// <summary>
    /// SSH options, as in the SSH configuration file: <c>@{ ProxyJump = 'gate' }</c>. The key <c>F</c> specifies the path of a configuration file to use
    /// instead of yours.
    /// </summary>
    [Parameter]
    [DictionaryTransformation("@{ NAME = 'value' }")]
    public IDictionary? Options { get; set; }

    /// <summary>Refuses the parameters that have no meaning without a host.</summary>
    /// <exception cref="AmpValidationException">One of them was given.</exception>
    private protected void CheckWithoutHost() => HostParameter.CheckWithoutHost(MyInvocation.BoundParameters);

    /// <summary>The way to a host. What is not valid in the parameters is not valid for any host, and ends the statement.</summary>
    /// <exception cref="AmpValidationException">The host is not valid.</exception>
    private protected SshTransport ToTransport(string host) => (_toTransport ??= OrThrow(() => HostParameter.Reader(this, ResolveFilePath)))(host);

    /// <summary>
    /// The options of a run on a host, or on this machine if the host is null. A replay answers for hosts too: a test of a script connects to nothing, but gets
    /// the names of the hosts and what is refused for them.
    /// </summary>
    private protected static AmpOptions At(SshTransport? host, AmpOptions options)
    {
        AmpReplay? replay = RunspaceState.Current.Replay;
        return options with { Transport = replay is null ? host : host is null ? replay.Transport : replay.TransportFor(host) };
    }
}
