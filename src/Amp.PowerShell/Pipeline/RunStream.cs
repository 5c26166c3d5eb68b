using System.Management.Automation;
using System.Threading.Channels;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Pulls a run's events on the pipeline thread, and meanwhile does there what the run asks for. Leaving it ends the CLI and all that it
/// started.
/// </summary>
internal sealed class RunStream : IDisposable
{
    private readonly AmpCmdlet _cmdlet;
    private readonly IAsyncEnumerator<AmpEvent> _events;
    private readonly PipelineCalls _calls;
    private readonly CancellationToken _stopToken;
    private readonly CancellationTokenRegistration _stop;

    /// <summary>Makes a stream; the run starts with the first event that is asked for.</summary>
    /// <param name="cmdlet">The cmdlet on whose thread the events are pulled.</param>
    /// <param name="events">The run's events.</param>
    /// <param name="calls">What the run asks for on this thread; closed with the stream, unless they are kept.</param>
    /// <param name="stop">Cancelled when the pipeline is stopped: nothing can run on its thread any more.</param>
    public RunStream(AmpCmdlet cmdlet, IAsyncEnumerable<AmpEvent> events, PipelineCalls calls, CancellationToken stop)
    {
        _cmdlet = cmdlet;
        _events = events.GetAsyncEnumerator(CancellationToken.None);
        _calls = calls;
        _stopToken = stop;
        _stop = stop.UnsafeRegister(static state => ((PipelineCalls)state!).Close(), calls);
    }

    /// <summary>What is kept up to date while the run is silent; null for nothing.</summary>
    public RunProgress? Progress { get; init; }

    /// <summary>What was wrong with the run, when it has ended.</summary>
    public AmpException? Failure { get; private set; }

    /// <summary>Whether the run was stopped from elsewhere, by Stop-AmpTurn for instance.</summary>
    public bool IsCanceled { get; private set; }

    /// <summary>Waits for the next event; false at the end.</summary>
    /// <exception cref="PipelineStoppedException">The run was cancelled because the pipeline is stopped.</exception>
    public bool Next(out AmpEvent item)
    {
        item = default;

        // Only what the SDK throws is caught, and nothing is written inside: an error of a downstream cmdlet must pass.
        try
        {
            if (!_calls.Wait(_cmdlet, _events.MoveNextAsync(), Progress))
            {
                return false;
            }
        }
        catch (AmpCanceledException) when (_stopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (AmpCanceledException)
        {
            IsCanceled = true;
            return false;
        }
        catch (AmpException exception)
        {
            Failure = exception;
            return false;
        }

        item = _events.Current;
        return true;
    }

    public void Dispose()
    {
        // First: the end of the run waits for what was asked for on this thread.
        _calls.Close();
        _stop.Dispose();
        _events.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}

/// <summary>Hands messages from the pipeline thread to a run that is under way.</summary>
internal sealed class MessageFeed
{
    private readonly Channel<UserInputMessage> _messages = Channel.CreateUnbounded<UserInputMessage>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    /// <summary>The messages in their order; ends after <see cref="Complete"/>.</summary>
    public IAsyncEnumerable<UserInputMessage> Messages => _messages.Reader.ReadAllAsync();

    public void Add(UserInputMessage message) => _messages.Writer.TryWrite(message);

    /// <summary>Says that no more messages come.</summary>
    public void Complete() => _messages.Writer.TryComplete();
}
