using Amp.Messages;

namespace Amp.Records;

/// <summary>What a recorded run knew in addition to its lines, for the line that is parsed next.</summary>
internal sealed class RecordedAccount : IRunAccount
{
    /// <summary>What was known about the result.</summary>
    public ResultFacts Facts { get; set; } = ResultFacts.None;

    /// <summary>What was known about the end of a turn; null for nothing.</summary>
    public TurnEnd? End { get; set; }

    /// <inheritdoc/>
    public TurnEnd? EndTurn(string? sessionId) => End;

    /// <inheritdoc/>
    public ResultFacts Complete(ResultLine line) => Facts;
}
