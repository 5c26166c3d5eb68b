using Amp.Messages;
using Amp.Text;
using Amp.Verification;

namespace Amp.Execution;

/// <summary>What a start of the CLI is a part of: an independent run, one of several tries, or a session.</summary>
internal sealed record RunRole
{
    /// <summary>An independent run.</summary>
    public static readonly RunRole Own = new();

    /// <summary>Whether each turn has an owner of its own, who is told of it.</summary>
    public bool IsSession { get; init; }

    /// <summary>Called when the CLI has started; null for none.</summary>
    public Action<StartedRun>? Started { get; init; }

    /// <summary>Called when the CLI has exited or was stopped, before what the run does after that; null for none.</summary>
    public Action? Exited { get; init; }

    /// <summary>Whether a cancellation means that a time limit was exceeded, such as that of a session's turn.</summary>
    public Func<bool> IsLate { get; init; } = static () => false;

    /// <summary>Records the tries of a run together; null for a run that records itself.</summary>
    public RunRecorder? Recorder { get; init; }

    /// <summary>The checkpoint of all tries; null for one of its own.</summary>
    public RunCheckpoint? Checkpoint { get; init; }

    /// <summary>Runs the caller's verification of all tries; null for one of its own.</summary>
    public Verifier? Verifier { get; init; }

    /// <summary>The previous tries.</summary>
    public IReadOnlyList<AmpRetry> Retries { get; init; } = ReadableList<AmpRetry>.None;

    /// <summary>Whether one of the previous tries had a first message, so that what it says of the start was told.</summary>
    public bool HasBegun { get; init; }

    /// <summary>What the previous tries have used and were denied; null for none.</summary>
    public RunSummary? Earlier { get; init; }

    /// <summary>The decisions of the caller in the previous tries.</summary>
    public IReadOnlyList<ToolApproval> Approvals { get; init; } = ReadableList<ToolApproval>.None;
}
