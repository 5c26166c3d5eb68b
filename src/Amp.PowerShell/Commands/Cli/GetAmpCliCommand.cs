using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Finds the CLI in the same way as a run: by <c>-CliPath</c>, the variable <c>AMP_CLI_PATH</c>, <c>PATH</c>, <c>~/.amp/bin</c>,
/// <c>~/.local/bin</c> and the folder of <c>Install-AmpCli</c>. Its features are read from its help; no key is required.
/// </summary>
[Cmdlet(VerbsCommon.Get, "AmpCli")]
[OutputType(typeof(AmpCli))]
public sealed class GetAmpCliCommand : AmpCmdlet, IHostParameters
{
    /// <summary>The path of the CLI to inspect. By default, the module searches for it.</summary>
    [Parameter(Position = 0)]
    public string? CliPath { get; set; }

    /// <summary>
    /// Environment variables for finding and running the CLI, in addition to those of this session. A value of <c>$null</c> removes a
    /// variable.
    /// </summary>
    [Parameter]
    [DictionaryTransformation("@{ NAME = 'value' }")]
    public IDictionary? Environment { get; set; }

    /// <summary>The hosts on which to inspect the CLI, over SSH: <c>host</c>, <c>user@host</c> or <c>user@host:port</c>. See about_Amp_Remote.</summary>
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

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        OrThrow(RefuseReplay);
        foreach (SshTransport? host in Hosts())
        {
            CliOptions options = OrThrow(() => new CliOptions
            {
                CliPath = CliPath is null || host is not null ? CliPath : ResolveFilePath(CliPath, nameof(CliPath)),
                WorkingDirectory = host is null ? SessionState.Path.CurrentFileSystemLocation.ProviderPath : null,
                Environment = EnvironmentParameter.ToDictionary(Environment),
                Transport = host,
            });
            WriteFrom(host, options);
        }
    }

    // A host that cannot be reached says nothing about the next one.
    private void WriteFrom(SshTransport? host, CliOptions options)
    {
        AmpCli cli;
        if (HostName is not { Length: > 1 })
        {
            cli = WaitOrThrow(token => AmpClient.GetCliAsync(options, token));
        }
        else
        {
            try
            {
                cli = AmpClient.GetCliAsync(options, StopToken).GetAwaiter().GetResult();
            }
            catch (AmpCanceledException)
            {
                throw new PipelineStoppedException();
            }
            catch (AmpException failure)
            {
                WriteError(AmpErrorRecord.About(host!.HostName, failure));
                return;
            }
        }

        WriteObject(HostParameter.Mark(cli, host?.HostName));
    }

    private SshTransport?[] Hosts()
    {
        if (HostName is not null)
        {
            return OrThrow(() => HostName.Select(HostParameter.Reader(this, ResolveFilePath)).ToArray());
        }

        OrThrow(() => HostParameter.CheckWithoutHost(MyInvocation.BoundParameters));
        return [null];
    }
}
