namespace Amp.Sessions;

/// <summary>What is thrown for a session: its state, a turn that was broken off, a process that died.</summary>
internal static class SessionFailure
{
    public static AmpSessionException Busy(AmpSession session) => new(
        $"{session} is still working on its last message; this one was not sent.",
        AmpErrorId.SessionBusy,
        "Wait for the turn to end, stop it, or use another session.")
    {
        ThreadId = session.ThreadId,
    };

    public static AmpSessionException Ended(AmpSession session) => new(
        $"{session} has ended and takes no more messages.",
        AmpErrorId.SessionEnded,
        $"Open a new session{On(session)}.")
    {
        ThreadId = session.ThreadId,
    };

    /// <summary>What every call gets after the CLI's death: how it died, once more.</summary>
    public static Exception Died(AmpSession session, Exception failure) => failure is not AmpProcessException died
        ? failure
        : new AmpProcessException(
            $"The CLI of {session} has ended. {died.Message}", died.ErrorId, $"Open a new session{On(session)}.", died)
        {
            ExitCode = died.ExitCode,
            Signal = died.Signal,
            StandardError = died.StandardError,
            StandardErrorTruncated = died.StandardErrorTruncated,
            ThreadId = session.ThreadId,
        };

    /// <summary>For a CLI that ended with a result though more messages could come.</summary>
    public static AmpProcessException EndedByItself(AmpSession session) => new(
        "The Amp CLI ended although its input was still open.", AmpErrorId.CliFailed, $"Open a new session{On(session)}.")
    {
        ThreadId = session.ThreadId,
    };

    /// <summary>For a CLI that does not end when it is told that nothing more comes.</summary>
    public static AmpTimeoutException StaysAfterInput(AmpSession session, TimeSpan limit) => new(
        $"The Amp CLI did not end within {limit.TotalSeconds:0.#} s after the end of its input and was stopped; there is no final result.",
        AmpErrorId.Timeout,
        limit,
        "The turns themselves are complete.")
    {
        ThreadId = session.ThreadId,
    };

    /// <summary>For a turn that was broken off from this side.</summary>
    public static Exception BrokenOff(AmpSession session, TurnStop stop, AmpOptions options) => stop switch
    {
        TurnStop.Timeout => TimedOut(
            session, $"The turn did not finish within {options.Timeout!.Value.TotalSeconds:0.#} s and was stopped.", AmpErrorId.Timeout, options.Timeout.Value),
        TurnStop.IdleTimeout => TimedOut(
            session, $"The Amp CLI wrote nothing for {options.IdleTimeout!.Value.TotalSeconds:0.#} s; the turn was stopped.", AmpErrorId.IdleTimeout, options.IdleTimeout.Value),
        _ => new AmpCanceledException(CancellationToken.None) { ThreadId = session.ThreadId },
    };

    private static AmpTimeoutException TimedOut(AmpSession session, string message, string errorId, TimeSpan limit) =>
        new(message, errorId, limit, "Allow more time. The next message of the session continues its thread.")
        {
            ThreadId = session.ThreadId,
        };

    private static string On(AmpSession session) => session.ThreadId is string thread ? $" that continues thread {thread}" : string.Empty;
}
