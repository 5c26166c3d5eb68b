using System.Collections;
using System.Management.Automation;
using System.Security;
using Amp.PowerShell.Conversion;

namespace Amp.PowerShell.Pipeline;

/// <summary>The base of all cmdlets that start the CLI, for runs and for other commands: what they are all given.</summary>
public abstract class CliCmdlet : AmpCmdlet
{
    /// <summary>The path of the CLI to use. By default, the CLI is searched for.</summary>
    [Parameter]
    public string? CliPath { get; set; }

    /// <summary>The folder that the CLI runs in; by default PowerShell's current one.</summary>
    [Parameter]
    [Alias("Cwd")]
    public string? WorkingDirectory { get; set; }

    /// <summary>The settings file to use instead of the user's usual one.</summary>
    [Parameter]
    public string? SettingsFile { get; set; }

    /// <summary>Variables for the CLI, on top of this session's; <c>$null</c> takes one away.</summary>
    [Parameter]
    [DictionaryTransformation("@{ NAME = 'value' }")]
    public IDictionary? Environment { get; set; }

    /// <summary>The access token of the Amp account, instead of that in <c>$env:AMP_API_KEY</c>; the password of a credential is taken too.</summary>
    [Parameter]
    [ApiKeyTransformation]
    public SecureString? ApiKey { get; set; }

    /// <summary>How many seconds a run, or one command of the CLI, may take; 0 for no limit.</summary>
    [Parameter]
    [Seconds]
    public double TimeoutSec { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        OrThrow(() => ApiKeyParameter.Check(ApiKey, MyInvocation));
        base.BeginProcessing();
    }

    /// <summary>Options with what these parameters come to.</summary>
    /// <exception cref="AmpValidationException">A path does not lead into the file system.</exception>
    private protected T WithCli<T>(T options)
        where T : CliOptions => (T)((CliOptions)options with
        {
            CliPath = Resolve(CliPath, nameof(CliPath)),
            WorkingDirectory = Resolve(WorkingDirectory, nameof(WorkingDirectory)) ?? CurrentFolder(),
            SettingsFile = Resolve(SettingsFile, nameof(SettingsFile)),
            Environment = EnvironmentParameter.ToDictionary(Environment),
            ApiKey = ApiKey,
            Timeout = SecondsAttribute.ToTimeSpan(TimeoutSec),
        });

    /// <summary>The full path of a path that may be omitted.</summary>
    private protected string? Resolve(string? path, string parameterName) => path is null ? null : ResolveFilePath(path, parameterName);
}
