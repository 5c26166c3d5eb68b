using System.Collections;
using System.Management.Automation;
using System.Security;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>The base class of cmdlets that run commands of the CLI instead of the agent: their common parameters.</summary>
public abstract class ManagementCmdlet : AmpCmdlet
{
    private IDisposable? _signals;

    /// <summary>The path of the CLI. By default, the module searches for it.</summary>
    [Parameter]
    public string? CliPath { get; set; }

    /// <summary>The folder whose workspace settings are used. The default is PowerShell's current folder.</summary>
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
    /// The access token of your Amp account, instead of the one in <c>$env:AMP_API_KEY</c>: a <c>SecureString</c>, for example from
    /// <c>Read-Host -AsSecureString</c> or <c>Get-Secret</c>, or a credential with the token as its password.
    /// </summary>
    [Parameter]
    [ApiKeyTransformation]
    public SecureString? ApiKey { get; set; }

    /// <summary>The maximum time for a command of the CLI, in seconds. 0 means no limit.</summary>
    [Parameter]
    [Seconds]
    public double TimeoutSec { get; set; } = 60;

    /// <summary>The options for the clients of the SDK.</summary>
    /// <exception cref="AmpValidationException">A path is not in the file system.</exception>
    protected AmpCliOptions CliOptions => new()
    {
        CliPath = CliPath is null ? null : ResolveFilePath(CliPath, nameof(CliPath)),
        WorkingDirectory = WorkingDirectory is null ? CurrentFolder() : ResolveFilePath(WorkingDirectory, nameof(WorkingDirectory)),
        SettingsFile = SettingsFile is null ? null : ResolveFilePath(SettingsFile, nameof(SettingsFile)),
        Environment = EnvironmentParameter.ToDictionary(Environment),
        ApiKey = ApiKey,
        Timeout = SecondsAttribute.ToTimeSpan(TimeoutSec),
    };

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        OrThrow(() => ApiKeyParameter.Check(ApiKey, MyInvocation));
        base.BeginProcessing();
        _signals = HostSignals.StopOnSignal(StopProcessing);
    }

    /// <summary>
    /// Does work for one object of the pipeline. A failure becomes an error for that object, and the next object is processed.
    /// </summary>
    /// <param name="work">The work. It must not write to the pipeline.</param>
    /// <param name="target">The object, for an error that does not name one.</param>
    /// <param name="result">The result of the work.</param>
    /// <returns>False if an error was written.</returns>
    protected bool TryFor<T>(Func<CancellationToken, Task<T>> work, object? target, out T? result)
    {
        ArgumentNullException.ThrowIfNull(work);
        return TryWork(() => work(StopToken).GetAwaiter().GetResult(), out result, target);
    }

    /// <summary>Does work without a result for one object of the pipeline.</summary>
    /// <returns>False if an error was written.</returns>
    protected bool TryFor(Func<CancellationToken, Task> work, object? target)
    {
        ArgumentNullException.ThrowIfNull(work);
        return TryFor(
            async token =>
            {
                await work(token).ConfigureAwait(false);
                return true;
            },
            target,
            out _);
    }

    /// <summary>Writes a list while it is read. A failure is a statement-terminating error after the written items.</summary>
    protected void WriteAll<T>(Func<CancellationToken, IAsyncEnumerable<T>> list)
    {
        ArgumentNullException.ThrowIfNull(list);
        IAsyncEnumerator<T> items = list(StopToken).GetAsyncEnumerator(StopToken);
        try
        {
            while (WaitOrThrow(_ => items.MoveNextAsync().AsTask()))
            {
                WriteSeen(items.Current);
            }
        }
        finally
        {
            items.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
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
