using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Pulls a run's events on the pipeline thread: waits for the next one, or takes only what is there already, for a cmdlet that has
/// more input to read meanwhile. Leaving it ends the CLI and all that it started.
/// </summary>
internal sealed class RunStream : IDisposable
{
    private readonly IAsyncEnumerator<AmpEvent> _events;
    private Task<bool>? _pending;
    private bool _hasEnded;

    public RunStream(IAsyncEnumerable<AmpEvent> events) => _events = events.GetAsyncEnumerator();

    /// <summary>What was wrong with the run, when it has ended.</summary>
    public AmpException? Failure { get; private set; }

    /// <summary>Takes the next event; false at the end, and where nothing is there and <paramref name="wait"/> is not asked for.</summary>
    /// <exception cref="PipelineStoppedException">The run was cancelled because the pipeline is stopped.</exception>
    public bool Next(bool wait, out AmpEvent item)
    {
        item = default;
        if (_hasEnded)
        {
            return false;
        }

        // Only what the SDK throws is caught, and nothing is written inside: an error of a downstream cmdlet must pass.
        try
        {
            if (_pending is null)
            {
                ValueTask<bool> next = _events.MoveNextAsync();
                if (next.IsCompleted)
                {
                    return Take(next.Result, out item);
                }

                _pending = next.AsTask();
            }

            if (!wait && !_pending.IsCompleted)
            {
                return false;
            }

            Task<bool> waited = _pending;
            bool more = waited.GetAwaiter().GetResult();
            _pending = null;
            return Take(more, out item);
        }
        catch (AmpCanceledException)
        {
            _hasEnded = true;
            throw new PipelineStoppedException();
        }
        catch (AmpException exception)
        {
            _hasEnded = true;
            Failure = exception;
            return false;
        }
    }

    public void Dispose()
    {
        if (_pending is { IsCompleted: false })
        {
            // An iterator can be left only between two events. The run itself has been cancelled by its owner.
            _pending.ContinueWith(static task => _ = task.Exception, TaskScheduler.Default).GetAwaiter().GetResult();
        }

        _events.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private bool Take(bool more, out AmpEvent item)
    {
        _hasEnded = !more;
        item = more ? _events.Current : default;
        return more;
    }
}
