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
public sealed class GetAmpCliCommand : AmpCmdlet
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

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        CliOptions options = OrThrow(() => new CliOptions
        {
            CliPath = CliPath is null ? null : ResolveFilePath(CliPath, nameof(CliPath)),
            WorkingDirectory = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
            Environment = EnvironmentParameter.ToDictionary(Environment),
        });
        WriteObject(WaitOrThrow(token => AmpClient.GetCliAsync(options, token)));
    }
}
