using System.Collections;
using System.Management.Automation;
using System.Security;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>The base of all cmdlets that run commands of the CLI which are no agent runs: what they are all given.</summary>
public abstract class ManagementCmdlet : AmpCmdlet
{
    private IDisposable? _signals;

    /// <summary>The path of the CLI to use. By default, the CLI is searched for.</summary>
    [Parameter]
    public string? CliPath { get; set; }

    /// <summary>The folder whose workspace settings count; by default PowerShell's current one.</summary>
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

    /// <summary>How many seconds one command of the CLI may take; 0 for no limit.</summary>
    [Parameter]
    [Seconds]
    public double TimeoutSec { get; set; } = 60;

    /// <summary>What the SDK's clients are given.</summary>
    /// <exception cref="AmpValidationException">A path does not lead into the file system.</exception>
    protected CliOptions CliOptions => new()
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

    /// <summary>Does work for one object of the pipeline; what goes wrong with it is an error of that object, and the next one is done.</summary>
    /// <param name="work">The work; nothing may be written in it.</param>
    /// <param name="target">The object, for the error where it names none itself.</param>
    /// <param name="result">What came of it.</param>
    /// <returns>False where an error was written instead.</returns>
    protected bool TryFor<T>(Func<CancellationToken, Task<T>> work, object? target, out T? result)
    {
        ArgumentNullException.ThrowIfNull(work);
        return TryWork(() => work(StopToken).GetAwaiter().GetResult(), out result, target);
    }

    /// <summary>Does work for one object of the pipeline that gives nothing back.</summary>
    /// <returns>False where an error was written instead.</returns>
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

    /// <summary>Writes a list while it is read; what goes wrong with it ends the statement, behind what was written.</summary>
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
