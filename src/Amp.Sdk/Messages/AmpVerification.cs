using Amp.Text;

namespace Amp;

/// <summary>What came of one verification of the agent's work.</summary>
/// <param name="Passed">Whether the work is as it should be.</param>
/// <param name="Text">What was found; the agent is told this where the work did not pass. Null for nothing to say.</param>
public sealed record AmpVerification(bool Passed, string? Text = null)
{
    /// <summary>Which of the run's verifications it was, from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The protected files that the agent had changed (<see cref="AmpOptions.VerifyPaths"/>); empty for none.</summary>
    public IReadOnlyList<string> ChangedFiles { get; init; } = ReadableList<string>.None;

    /// <summary>Whether it was stopped because it took too long.</summary>
    public bool IsTimedOut { get; init; }

    /// <summary>Whether it passed, and what was found.</summary>
    public override string ToString() => $"{Attempt}: {(Passed ? "passed" : "not passed")}{(string.IsNullOrWhiteSpace(Text) ? string.Empty : $", {Text}")}";
}

/// <summary>What a verification is told.</summary>
/// <param name="Attempt">Which of the run's verifications it is, from 1.</param>
/// <param name="ThreadId">The run's thread; null where the CLI has not named it.</param>
/// <param name="WorkingDirectory">The folder in which the agent works.</param>
/// <param name="Answer">What the agent said last.</param>
/// <param name="Output">The answer in the shape that was asked for (<see cref="AmpOptions.OutputSchema"/>), as JSON text; null where there is none.</param>
public sealed record VerificationRequest(int Attempt, string? ThreadId, string WorkingDirectory, string Answer, string? Output);
