namespace Amp.Sessions;

/// <summary>Creates the exceptions of a session: for its state, a turn that was stopped, a process that failed.</summary>
internal static class SessionFailure
{
    public static AmpSessionException Busy(AmpSession session) => new(
        $"{session} is still working on its last message. This message was not sent.",
        AmpErrorId.SessionBusy,
        "Wait for the turn to end, stop it, or use another session.")
    {
        ThreadId = session.ThreadId,
    };

    public static AmpSessionException Ended(AmpSession session) => new(
        $"{session} has ended and accepts no more messages.",
        AmpErrorId.SessionEnded,
        $"Open a new session{On(session)}.")
    {
        ThreadId = session.ThreadId,
    };

    /// <summary>Creates the exception for every call after the CLI failed, with the original failure.</summary>
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

    /// <summary>Creates the exception for a CLI that exited with a result although more messages were possible.</summary>
    public static AmpProcessException EndedByItself(AmpSession session) => new(
        "The Amp CLI exited although its input was still open.", AmpErrorId.CliFailed, $"Open a new session{On(session)}.")
    {
        ThreadId = session.ThreadId,
    };

    /// <summary>Creates the exception for a CLI that does not exit after its input was closed.</summary>
    public static AmpTimeoutException StaysAfterInput(AmpSession session, TimeSpan limit) => new(
        $"The Amp CLI did not exit within {limit.TotalSeconds:0.#} s after the end of its input and was stopped. There is no final result.",
        AmpErrorId.Timeout,
        limit,
        "The turns themselves are complete.")
    {
        ThreadId = session.ThreadId,
    };

    /// <summary>Creates the exception for a turn that the caller stopped.</summary>
    public static Exception BrokenOff(AmpSession session, SessionTurn turn, AmpOptions options) => turn.Stop switch
    {
        TurnStop.Timeout => TimedOut(
            session, $"The turn did not finish within {options.Timeout!.Value.TotalSeconds:0.#} s and was stopped.", AmpErrorId.Timeout, options.Timeout.Value),
        TurnStop.IdleTimeout => TimedOut(
            session, $"The Amp CLI wrote nothing for {options.IdleTimeout!.Value.TotalSeconds:0.#} s, and the turn was stopped.", AmpErrorId.IdleTimeout, options.IdleTimeout.Value),
        _ => new AmpCanceledException(turn.Token.IsCancellationRequested ? turn.Token : CancellationToken.None) { ThreadId = session.ThreadId },
    };

    private static AmpTimeoutException TimedOut(AmpSession session, string message, string errorId, TimeSpan limit) =>
        new(message, errorId, limit, "Allow more time. The next message of the session continues its thread.")
        {
            ThreadId = session.ThreadId,
        };

    private static string On(AmpSession session) => session.ThreadId is string thread ? $" that continues thread {thread}" : string.Empty;
}
