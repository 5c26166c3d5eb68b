namespace Amp.Plans;

/// <summary>What one run says to the agent beside the messages of the caller.</summary>
internal sealed record RunDialogue
{
    /// <summary>What stands behind each message of the caller's; null for nothing.</summary>
    public string? Instruction { get; init; }

    /// <summary>Called before each message of the caller's is written.</summary>
    public Action? CallerSpeaks { get; init; }

    /// <summary>Called before each message is written.</summary>
    public Action? Said { get; init; }

    /// <summary>Gives what the agent is told at the end of a turn, which goes on with it; null where the turn is over.</summary>
    public Func<string?>? AtEndOfTurn { get; init; }

    /// <summary>Gives what the agent is told when the caller has said everything and the last turn is over; null where the run may end.</summary>
    public Func<CancellationToken, Task<string?>>? AtEnd { get; init; }
}
