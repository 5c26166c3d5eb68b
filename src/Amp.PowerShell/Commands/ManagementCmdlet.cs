using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>The base class of all cmdlets that run commands of the CLI instead of the agent.</summary>
public abstract class ManagementCmdlet : CliCmdlet
{
    private IDisposable? _signals;

    /// <summary>Sets the default time limit of a command to one minute.</summary>
    protected ManagementCmdlet() => TimeoutSec = 60;

    /// <summary>The options for the clients of the SDK.</summary>
    /// <exception cref="AmpValidationException">A path is not in the file system.</exception>
    protected CliOptions CliOptions
    {
        get
        {
            RefuseReplay();
            return WithCli(new CliOptions());
        }
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
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
