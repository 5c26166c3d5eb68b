using System.Management.Automation;
using System.Threading.Channels;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Pulls the events of a run on the pipeline thread, and does there what the run requests in the meantime. Disposing it stops the CLI and
/// everything it started.
/// </summary>
internal sealed class RunStream : IDisposable
{
    private readonly AmpCmdlet _cmdlet;
    private readonly IAsyncEnumerator<AmpEvent> _events;
    private readonly PipelineCalls _calls;
    private readonly CancellationToken _stopToken;
    private readonly CancellationTokenRegistration _stop;
    private readonly RunspaceState.RunReader _reader = RunspaceState.Current.BeginReading();

    /// <summary>Creates a stream. The run starts when the first event is requested.</summary>
    /// <param name="cmdlet">The cmdlet on whose thread the events are pulled.</param>
    /// <param name="events">The run's events.</param>
    /// <param name="calls">The requests of the run for this thread. They are closed with the stream, unless they are kept.</param>
    /// <param name="stop">Canceled when the pipeline is stopped. After that, nothing can run on its thread.</param>
    public RunStream(AmpCmdlet cmdlet, IAsyncEnumerable<AmpEvent> events, PipelineCalls calls, CancellationToken stop)
    {
        _cmdlet = cmdlet;
        _events = events.GetAsyncEnumerator(CancellationToken.None);
        _calls = calls;
        _stopToken = stop;
        _stop = stop.UnsafeRegister(static state => ((PipelineCalls)state!).Close(), calls);
    }

    /// <summary>The progress to update while the run is silent; null for none.</summary>
    public RunProgress? Progress { get; init; }

    /// <summary>The failure of the run, when it has ended.</summary>
    public AmpException? Failure { get; private set; }

    /// <summary>Whether the run was stopped from outside, for example by Stop-AmpTurn.</summary>
    public bool IsCanceled { get; private set; }

    /// <summary>Waits for the next event. Returns false at the end.</summary>
    /// <exception cref="PipelineStoppedException">The run was canceled because the pipeline is stopped, or the cmdlet was told to stop, as by
    /// <c>-WarningAction Stop</c>.</exception>
    public bool Next(out AmpEvent item)
    {
        item = default;
        _cmdlet.StopByPreference?.Throw();

        // Only exceptions of the SDK are caught, and nothing is written inside, so that errors of downstream cmdlets pass.
        try
        {
            using IDisposable? callback = _reader.Enter();
            if (!_calls.Wait(_cmdlet, _events.MoveNextAsync(), Progress))
            {
                _cmdlet.StopByPreference?.Throw();
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
        // This comes first, because the end of the run waits for requests to this thread.
        _calls.Close();
        _stop.Dispose();
        _reader.Dispose();
        _events.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}

/// <summary>Passes messages from the pipeline thread to an active run.</summary>
internal sealed class MessageFeed
{
    private readonly Channel<UserInputMessage> _messages = Channel.CreateUnbounded<UserInputMessage>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    /// <summary>The messages, in order. The sequence ends after <see cref="Complete"/>.</summary>
    public IAsyncEnumerable<UserInputMessage> Messages => _messages.Reader.ReadAllAsync();

    public void Add(UserInputMessage message) => _messages.Writer.TryWrite(message);

    /// <summary>Marks the end of the messages.</summary>
    public void Complete() => _messages.Writer.TryComplete();
}
