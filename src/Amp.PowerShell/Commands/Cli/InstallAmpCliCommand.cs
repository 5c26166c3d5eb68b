using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Installs the CLI into a user folder where the module finds it, or into the folder that you give. No package scripts are run, and npm
/// does not get the API key. If the installation fails, the previous one is kept.
/// </summary>
/// <example>
///   <code>Install-AmpCli -Version 0.0.1774310664-gcb98ac -Path /opt/amp</code>
/// </example>
[Cmdlet(VerbsLifecycle.Install, "AmpCli", SupportsShouldProcess = true)]
[OutputType(typeof(CliInstallation))]
public sealed class InstallAmpCliCommand : AmpCmdlet
{
    private const int DefaultLimit = 600;

    private IDisposable? _signals;

    /// <summary>The version or tag of the npm package.</summary>
    [Parameter(Position = 0)]
    public string Version { get; set; } = "latest";

    /// <summary>
    /// The folder to install into. Each version gets its own folder there, and <c>bin/amp</c> points to the version that you installed
    /// last.
    /// </summary>
    [Parameter]
    [Alias("LiteralPath", "LP")]
    public string? Path { get; set; }

    /// <summary>
    /// Environment variables for npm, in addition to those of this session. A value of <c>$null</c> removes a variable. npm never gets the
    /// API key.
    /// </summary>
    [Parameter]
    [DictionaryTransformation("@{ NAME = 'value' }")]
    public IDictionary? Environment { get; set; }

    /// <summary>The maximum time for npm, and for waiting for another installation into the same folder, in seconds. 0 means no limit.</summary>
    [Parameter]
    [Seconds]
    public double TimeoutSec { get; set; } = DefaultLimit;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _signals = HostSignals.StopOnSignal(StopProcessing);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        OrThrow(RefuseReplay);
        CliInstallOptions options = OrThrow(() => new CliInstallOptions
        {
            Version = Version,
            Folder = Path is null ? null : ResolveFilePath(Path, nameof(Path)),
            Environment = EnvironmentParameter.ToDictionary(Environment),
            Timeout = SecondsAttribute.ToTimeSpan(TimeoutSec),
        });
        if (!ShouldProcess(options.Folder ?? "the user's own folder", $"Install the Amp CLI, version {Version}, with npm"))
        {
            return;
        }

        CliInstallation installation = WaitOrThrow(token => new CliInstaller(options).InstallAsync(token));
        if (installation.PassedOverVersion is string passedOver)
        {
            WriteWarning(
                $"Version {passedOver} has no program for this system. Version {installation.Version}, the newest version that has one, is installed instead.");
        }

        if (!installation.IsFound)
        {
            WriteWarning(CommandWords.Of(installation.RecommendedAction!));
        }

        WriteObject(installation);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _signals?.Dispose();
        }

        base.Dispose(disposing);
    }
}
