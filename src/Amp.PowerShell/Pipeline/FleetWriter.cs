using System.Management.Automation;
using System.Threading.Channels;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Runs what it is handed, so many at a time, and writes what the runs report to the pipeline of a cmdlet: everything on the pipeline thread, which
/// hands in the next only when there is room for it. So nothing waits here, however much is piped in.
/// </summary>
internal sealed class FleetWriter : IFleetTarget, IDisposable
{
    private readonly AmpCmdlet _cmdlet;
    private readonly int _limit;
    private readonly PipelineCalls _calls;
    private readonly CancellationToken _stopToken;
    private readonly CancellationTokenSource _leave;
    private readonly CancellationTokenRegistration _stop;
    private readonly Channel<FleetItem> _items = Channel.CreateUnbounded<FleetItem>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly IAsyncEnumerator<FleetEvent> _events;
    private readonly FleetProgress? _progress;
    private readonly TaskWriter _writer;
    private readonly FleetPlaces _places = new();
    private readonly RunspaceState.RunReader _reader;
    private Task<bool>? _next;
    private int _active;

    /// <summary>Makes a fleet without runs.</summary>
    /// <param name="cmdlet">The cmdlet on whose thread everything is written.</param>
    /// <param name="limit">The maximum number of concurrent runs.</param>
    /// <param name="calls">What the runs ask for on the pipeline thread; closed with this.</param>
    /// <param name="writer">Writes each run.</param>
    /// <param name="stop">Cancelled when the pipeline is stopped.</param>
    public FleetWriter(AmpCmdlet cmdlet, int limit, PipelineCalls calls, TaskWriter writer, CancellationToken stop)
    {
        _cmdlet = cmdlet;
        _writer = writer;
        _limit = limit;
        _calls = calls;
        _stopToken = stop;
        _leave = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _stop = stop.UnsafeRegister(static state => ((PipelineCalls)state!).Close(), calls);
        _events = AmpFleet.StreamAsync(_items.Reader.ReadAllAsync(CancellationToken.None), limit, _leave.Token).GetAsyncEnumerator(CancellationToken.None);
        _progress = FleetProgress.Of(cmdlet);

        // Last, because what comes before it can throw.
        _reader = RunspaceState.Current.BeginReading();
    }

    /// <summary>Starts a run, and writes what the runs report until there is room for another one.</summary>
    public void Add(FleetTask task, RunPlan preview)
    {
        if (_places.TakeThread(task) is AmpException refusal)
        {
            Refuse(task, refusal);
            return;
        }

        _active++;
        task.Item = new FleetItem(task.Prompt, task.Options) { Name = task.ToString(), Tag = task, Preview = preview };
        _items.Writer.TryWrite(task.Item);
        WriteWhile(() => _active >= _limit);
    }

    /// <summary>Writes that a run could not even be handed in.</summary>
    public void Refuse(FleetTask task, AmpException failure)
    {
        _progress?.End(null, isFailed: true);
        _writer.Refuse(task, failure);
        WriteWhile(() => false);
    }

    /// <summary>Writes everything that is still to come.</summary>
    public void WriteRest()
    {
        _items.Writer.TryComplete();
        WriteWhile(() => true);
    }

    /// <summary>Ends all runs and all that they started, whatever brought us here.</summary>
    public void Dispose()
    {
        // First: the end of a run waits for what was asked for on this thread.
        _calls.Close();
        _stop.Dispose();
        _items.Writer.TryComplete();
        try
        {
            _leave.Cancel();

            // An enumerator that is at work cannot be disposed of. What it was at work for is known, or of no interest any more.
            Task.WhenAny(_next ?? Task.CompletedTask).GetAwaiter().GetResult();
            _events.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            _reader.Dispose();
            _leave.Dispose();
            _progress?.Complete();
        }
    }

    // What has come is written in any case, so that a source that is slow holds nothing back longer than it must.
    private void WriteWhile(Func<bool> waits)
    {
        while (_active > 0 || waits())
        {
            if (_next is null)
            {
                using IDisposable? callback = _reader.Enter();
                ValueTask<bool> next = _events.MoveNextAsync();
                _next = next.IsCompletedSuccessfully ? null : next.AsTask();
                if (_next is null)
                {
                    if (!next.Result)
                    {
                        return;
                    }

                    Write(_events.Current);
                    continue;
                }
            }

            if (!_next.IsCompleted && !waits())
            {
                // The next object may take its time, and a run must not wait for it.
                _calls.Serve(_cmdlet);
                return;
            }

            if (!WaitForNext())
            {
                return;
            }

            Write(_events.Current);
        }
    }

    private bool WaitForNext()
    {
        // Only what the SDK throws is caught, and nothing is written inside: an error of a downstream cmdlet must pass.
        try
        {
            bool more = _calls.Wait(_cmdlet, new ValueTask<bool>(_next!), _progress);
            _next = null;
            return more;
        }
        catch (AmpCanceledException) when (_stopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    private void Write(in FleetEvent item)
    {
        FleetTask task = (FleetTask)item.Run.Item.Tag!;
        switch (item.Kind)
        {
            case FleetEventKind.Started:
                RunPlan plan = item.Run.Plan!;
                _writer.Begin(task, plan, _progress?.Begin(plan, task.Number, task.Prompt));
                if (_places.Enter(task) is string warning)
                {
                    _cmdlet.WriteWarning(warning);
                }

                break;
            case FleetEventKind.Reported:
                _writer.Write(task, item.Event);
                _progress?.Update();
                _calls.Serve(_cmdlet);
                break;
            case FleetEventKind.Ended:
                _active--;
                _places.Leave(task);
                _progress?.End(task.Progress, item.Run.Failure is not null && item.Run.Failure != item.Run.InvalidLine);
                if (_stopToken.IsCancellationRequested)
                {
                    throw new PipelineStoppedException();
                }

                _writer.End(task, item.Run);
                break;
        }
    }
}
