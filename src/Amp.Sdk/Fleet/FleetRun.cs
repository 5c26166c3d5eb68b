namespace Amp;

/// <summary>One run of a fleet: which one it is, and what is known of it by now.</summary>
public sealed class FleetRun
{
    private readonly CancellationTokenSource _stop;

    internal FleetRun(int number, FleetItem item, CancellationToken fleet)
    {
        Number = number;
        Item = item;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(fleet);
        Token = _stop.Token;
    }

    /// <summary>Its place in the source, from 1.</summary>
    public int Number { get; }

    /// <summary>What it is to do.</summary>
    public FleetItem Item { get; }

    /// <summary>Everything that it starts with; null before it has begun, and where it could not begin.</summary>
    public RunPlan? Plan { get; internal set; }

    /// <summary>Its thread; null until the CLI has named it.</summary>
    public string? ThreadId { get; internal set; }

    /// <summary>Its result; null before it has ended, and where the CLI gave none (see <see cref="ErrorResultMessage.FromFailure"/>).</summary>
    public ResultMessage? Result { get; internal set; }

    /// <summary>
    /// What went wrong, an error result included (<see cref="AmpAgentException"/>): mostly an <see cref="AmpException"/>, or an
    /// <see cref="AmpCanceledException"/>; null before it has ended, and where it ended well.
    /// </summary>
    public Exception? Failure { get; internal set; }

    /// <summary>Whether it has ended.</summary>
    public bool IsEnded { get; internal set; }

    internal CancellationToken Token { get; }

    /// <summary>Asks this run alone to end. Its last events still come.</summary>
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
        _stop.Dispose();
    }

    /// <summary>Its number, and its name or prompt.</summary>
    public override string ToString() => $"{Number}: {Item}";
}
