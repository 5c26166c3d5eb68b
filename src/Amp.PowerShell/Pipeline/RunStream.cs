using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Pulls a run's events on the pipeline thread. Leaving it ends the CLI and all that it started.
/// </summary>
internal sealed class RunStream : IDisposable
{
    private readonly IAsyncEnumerator<AmpEvent> _events;

    public RunStream(IAsyncEnumerable<AmpEvent> events) => _events = events.GetAsyncEnumerator();

    /// <summary>What was wrong with the run, when it has ended.</summary>
    public AmpException? Failure { get; private set; }

    /// <summary>Waits for the next event; false at the end.</summary>
    /// <exception cref="PipelineStoppedException">The run was cancelled because the pipeline is stopped.</exception>
    public bool Next(out AmpEvent item)
    {
        item = default;

        // Only what the SDK throws is caught, and nothing is written inside: an error of a downstream cmdlet must pass.
        try
        {
            if (!AmpCmdlet.Wait(_events.MoveNextAsync()))
            {
                return false;
            }
        }
        catch (AmpCanceledException)
        {
            throw new PipelineStoppedException();
        }
        catch (AmpException exception)
        {
            Failure = exception;
            return false;
        }

        item = _events.Current;
        return true;
    }

    public void Dispose() => _events.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
