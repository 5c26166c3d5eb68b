using Amp.Text;

namespace Amp.Execution;

/// <summary>What one start of the CLI is a part of: a run of its own, one of several tries, or a session.</summary>
internal sealed record RunRole
{
    /// <summary>A run of its own.</summary>
    public static readonly RunRole Own = new();

    /// <summary>Whether each turn has an owner of its own, who is told of it.</summary>
    public bool IsSession { get; init; }

    /// <summary>Called when the CLI has been started; null where nobody needs to know.</summary>
    public Action<StartedRun>? Started { get; init; }

    /// <summary>Called behind the last event with the CLI's exit code or signal, in words; null where nobody needs to know.</summary>
    public Action<string>? Exited { get; init; }

    /// <summary>Whether a cancellation means that a limit of time was reached, as that of a session's turn.</summary>
    public Func<bool> IsLate { get; init; } = static () => false;

    /// <summary>The tries before this one.</summary>
    public IReadOnlyList<AmpRetry> Retries { get; init; } = ReadableList<AmpRetry>.None;
}
