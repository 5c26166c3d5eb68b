using Amp.Text;

namespace Amp;

/// <summary>The result of a verification of the agent's work.</summary>
/// <param name="Passed">Whether the verification succeeded.</param>
/// <param name="Text">The findings, which the agent gets if the verification failed; null for none.</param>
public sealed record AmpVerification(bool Passed, string? Text = null)
{
    /// <summary>The number of the verification in the run, starting with 1.</summary>
    public int Attempt { get; init; }

    /// <summary>The time that the verification took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The protected files that the agent changed (<see cref="AmpOptions.VerifyPaths"/>); empty for none.</summary>
    public IReadOnlyList<string> ChangedFiles { get; init; } = ReadableList<string>.None;

    /// <summary>Whether the verification was stopped because it exceeded its time limit.</summary>
    public bool IsTimedOut { get; init; }

    /// <summary>Returns the result and the findings.</summary>
    public override string ToString() => $"{Attempt}: {(Passed ? "passed" : "not passed")}{(string.IsNullOrWhiteSpace(Text) ? string.Empty : $", {Text}")}";
}

/// <summary>The input of a verification.</summary>
/// <param name="Attempt">The number of the verification in the run, starting with 1.</param>
/// <param name="ThreadId">The thread of the run; null if the CLI has not reported it.</param>
/// <param name="WorkingDirectory">The folder in which the agent works. On another machine, it is not here.</param>
/// <param name="Answer">The agent's last text.</param>
/// <param name="Output">The structured answer (<see cref="AmpOptions.OutputSchema"/>), as a JSON string; null if there is none.</param>
public sealed record VerificationRequest(int Attempt, string? ThreadId, string WorkingDirectory, string Answer, string? Output)
{
    /// <summary>The machine on which the agent works, as you named it; null for this machine.</summary>
    public string? HostName { get; init; }
}
