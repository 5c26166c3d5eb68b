using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Installs the Amp CLI with npm, into a folder of the user's where the module finds it, or into the one that is given. No script of a
/// package is run. A failed installation leaves the old one.
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

    /// <summary>The folder to install into; each version gets a folder of its own there, and <c>bin/amp</c> leads to the last.</summary>
    [Parameter]
    [Alias("LiteralPath", "LP")]
    public string? Path { get; set; }

    /// <summary>Variables for npm, on top of this session's; <c>$null</c> takes one away. It never gets the API key.</summary>
    [Parameter]
    [DictionaryTransformation("@{ NAME = 'value' }")]
    public IDictionary? Environment { get; set; }

    /// <summary>How many seconds npm may take; 0 for no limit.</summary>
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

        CliInstallation installation = WaitOrThrow(token => CliInstaller.InstallAsync(options, token));
        if (installation.PassedOverVersion is string passedOver)
        {
            WriteWarning(
                $"Version {passedOver} has no program for this system. Version {installation.Version}, the newest one that has, is installed instead.");
        }

        if (!installation.IsFound)
        {
            WriteWarning(installation.RecommendedAction!);
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
