using System.Collections;
using System.Management.Automation;
using System.Security;
using Amp.PowerShell.Conversion;

namespace Amp.PowerShell.Pipeline;

/// <summary>The base class of all cmdlets that start the CLI, for runs and other commands: their common parameters.</summary>
public abstract class CliCmdlet : AmpCmdlet
{
    /// <summary>The path of the CLI. By default, the module searches for it.</summary>
    [Parameter]
    public string? CliPath { get; set; }

    /// <summary>The folder in which the CLI runs. The default is PowerShell's current folder.</summary>
    [Parameter]
    [Alias("Cwd")]
    public string? WorkingDirectory { get; set; }

    /// <summary>The settings file to use instead of the user's settings file.</summary>
    [Parameter]
    public string? SettingsFile { get; set; }

    /// <summary>
    /// Environment variables for the CLI, in addition to those of this session. A value of <c>$null</c> removes a variable.
    /// </summary>
    [Parameter]
    [DictionaryTransformation("@{ NAME = 'value' }")]
    public IDictionary? Environment { get; set; }

    /// <summary>
    /// The access token of your Amp account, instead of the one in <c>$env:AMP_API_KEY</c>. The password of a credential is also accepted.
    /// </summary>
    [Parameter]
    [ApiKeyTransformation]
    public SecureString? ApiKey { get; set; }

    /// <summary>The maximum time for a run, or for a command of the CLI, in seconds. 0 means no limit.</summary>
    [Parameter]
    [Seconds]
    public double TimeoutSec { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        HiddenSecrets.Hide(this);
        OrThrow(() => ApiKeyParameter.Check(ApiKey, MyInvocation));
        base.BeginProcessing();
    }

    /// <summary>Creates options from these parameters.</summary>
    /// <exception cref="AmpValidationException">A path is not in the file system.</exception>
    private protected T WithCli<T>(T options)
        where T : CliOptions => (T)((CliOptions)options with
        {
            CliPath = IsElsewhere ? CliPath : Resolve(CliPath, nameof(CliPath)),
            WorkingDirectory = StartFolder(IsElsewhere),
            SettingsFile = Resolve(SettingsFile, nameof(SettingsFile)),
            Environment = EnvironmentParameter.ToDictionary(Environment),
            ApiKey = ApiKey,
            Timeout = SecondsAttribute.ToTimeSpan(TimeoutSec),
        });

    /// <summary>Whether the CLI works on another machine, whose paths are not resolved here.</summary>
    private protected virtual bool IsElsewhere => false;

    /// <summary>The folder of the CLI; null for the home folder of another machine.</summary>
    /// <param name="isElsewhere">Whether the CLI works on another machine.</param>
    private protected string? StartFolder(bool isElsewhere) => isElsewhere ? WorkingDirectory : Resolve(WorkingDirectory, nameof(WorkingDirectory)) ?? CurrentFolder();

    /// <summary>Resolves a path that may be omitted to a full path.</summary>
    private protected string? Resolve(string? path, string parameterName) => path is null ? null : ResolveFilePath(path, parameterName);
}
