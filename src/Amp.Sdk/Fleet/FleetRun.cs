namespace Amp;

/// <summary>A run of a fleet, and what is known about it so far.</summary>
public sealed class FleetRun
{
    private readonly CancellationTokenSource _stop;

    internal FleetRun(int number, FleetItem item, CancellationToken fleet)
    {
        Number = number;
        Item = item;
        item.HasEnded = false;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(fleet, item.StopToken);
        Token = _stop.Token;
    }

    /// <summary>The position of the item in the source, starting with 1.</summary>
    public int Number { get; }

    /// <summary>The item of the run.</summary>
    public FleetItem Item { get; }

    /// <summary>The plan of the run; null before the run starts, and if it could not start.</summary>
    public RunPlan? Plan { get; internal set; }

    /// <summary>The thread of the run; null until the CLI has reported it.</summary>
    public string? ThreadId { get; internal set; }

    /// <summary>The result of the run; null until it has arrived, and if the CLI returned none (see <see cref="ErrorResultMessage.FromFailure"/>).</summary>
    public ResultMessage? Result { get; internal set; }

    /// <summary>
    /// The failure of the run, also for an error result (<see cref="AmpAgentException"/>) and for a line that could not be read
    /// (<see cref="AmpJsonException"/>): usually an <see cref="AmpException"/>, or an <see cref="AmpCanceledException"/>; null before the run has ended, and if
    /// it succeeded.
    /// </summary>
    public Exception? Failure { get; internal set; }

    /// <summary>The first line that could not be read, which an event has reported; null for none.</summary>
    internal AmpJsonException? InvalidLine { get; set; }

    /// <summary>Whether the run has ended.</summary>
    public bool IsEnded { get; internal set; }

    internal CancellationToken Token { get; }

    /// <summary>Asks only this run to end. Its last events are still returned.</summary>
    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    internal void End()
    {
        IsEnded = true;
        Item.HasEnded = true;
        _stop.Dispose();
    }

    /// <summary>Returns the number, and the name or prompt.</summary>
    public override string ToString() => $"{Number}: {Item}";
}
