using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Finds the Amp CLI and tells its path, version, release date, form, and what it can do.</summary>
[Cmdlet(VerbsCommon.Get, "AmpCli")]
[OutputType(typeof(AmpCli))]
public sealed class GetAmpCliCommand : AmpCmdlet
{
    /// <summary>The path of the CLI to look at. By default, the CLI is searched for.</summary>
    [Parameter(Position = 0)]
    public string? CliPath { get; set; }

    /// <summary>Variables for finding and asking it, on top of this session's; <c>$null</c> takes one away.</summary>
    [Parameter]
    [DictionaryTransformation("@{ NAME = 'value' }")]
    public IDictionary? Environment { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        AmpCliOptions options = OrThrow(() => new AmpCliOptions
        {
            CliPath = CliPath is null ? null : ResolveFilePath(CliPath, nameof(CliPath)),
            WorkingDirectory = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
            Environment = EnvironmentParameter.ToDictionary(Environment),
        });
        WriteObject(WaitOrThrow(token => AmpClient.GetCliAsync(options, token)));
    }
}
