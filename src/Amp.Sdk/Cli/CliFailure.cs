using Amp.Processes;

namespace Amp.Cli;

/// <summary>
/// A failure of a CLI in a run or a command: how it exited and what it wrote. Only this class converts failures to exceptions. Runs and
/// commands differ in the properties that are set, and in the lines below that check <see cref="Command"/>.
/// </summary>
/// <param name="Exit">How it exited; null if it could not be ended.</param>
/// <param name="Said">Its standard error, safe to show; for a command without standard error, its standard output.</param>
internal sealed record CliFailure(ProcessExit? Exit, string Said)
{
    private const string ErrorPrefix = "Error: ";

    public const string ThreadNotFoundAdvice = "Check the ID; a thread of another account or service cannot be reached.";

    /// <summary>Whether its standard error was longer than the part that is kept.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>The command as typed by a user, safe to show; null for a run.</summary>
    public string? Command { get; init; }

    /// <summary>Whether a run had written messages, so that its standard error is not only about its start.</summary>
    public bool HasMessages { get; init; }

    /// <summary>Whether a run went on after it had reported that it lost its service.</summary>
    public bool HasRecovered { get; init; }

    /// <summary>Whether the CLI was asked for a thread that may not exist.</summary>
    public bool NamesThread { get; init; }

    /// <summary>The thread: for a run, its own, once it is known; for a command, the one in its arguments.</summary>
    public string? ThreadId { get; init; }

    /// <summary>The error ID if the cause is unknown.</summary>
    public string ExitErrorId => Exit?.Signal is null ? AmpErrorId.CliFailed : AmpErrorId.CliTerminated;

    /// <summary>Creates the exception for the cause that the CLI reports; null if it reports no known one.</summary>
    public AmpException? Known() => CliFaultText.Find(Said, beforeAnyOutput: !HasMessages, afterLoss: HasRecovered, NamesThread, isRun: Command is null) switch
    {
        CliFault.ServiceUnreachable => Quoting(
            "The Amp CLI could not reach the Amp service.", AmpErrorId.ServiceUnreachable, ServiceFaults.UnreachableAdvice),
        CliFault.UnknownOption when Command is null => Quoting(
            "The Amp CLI does not know an option or one of its values.",
            AmpErrorId.UnsupportedByCli,
            "Omit the option, use one of the values in the message, or install another version of the CLI."),
        CliFault.UnknownOption => Quoting(
            $"The Amp CLI does not know '{Command}'.", AmpErrorId.UnsupportedByCli, "Install another version of the CLI."),
        CliFault.ThreadNotFound => Quoting($"{Thread} was not found.", AmpErrorId.ThreadNotFound, ThreadNotFoundAdvice),
        CliFault.ThreadArchived => Quoting(
            $"{Thread} is archived.", AmpErrorId.ThreadArchived, "Restore it from the archive, or start a new thread."),
        CliFault.CliOutdated => Quoting(
            "The Amp service no longer supports this version of the CLI.",
            AmpErrorId.CliOutdated,
            "Run 'amp update', or install the newest CLI the way you installed this one."),
        CliFault.KeyRefused => new AmpAuthenticationException("The Amp service did not accept the API key." + StandardErrorTail.Quoted(Said))
        {
            ThreadId = ThreadId,
        },
        _ => Refused(),
    };

    /// <summary>Gets what the service has refused a run with before its first message, without the words of others; null if it has not.</summary>
    /// <param name="standardError">The standard error of a run without a message.</param>
    public static string? RefusalIn(string standardError) => standardError.Split('\n')
        .Where(line => line.StartsWith(ErrorPrefix, StringComparison.Ordinal))
        .Select(line => line[ErrorPrefix.Length..].Trim())
        .FirstOrDefault(said => ServiceFaults.IdOf(said) is not null);

    /// <summary>The same of a run that has failed; null if the service has not refused it, or only until its quota is renewed.</summary>
    /// <param name="failure">The failure; null for none.</param>
    public static string? RefusalOf(Exception? failure) =>
        failure is AmpProcessException { ErrorId: AmpErrorId.Throttled or AmpErrorId.Overloaded } refused ? RefusalIn(refused.StandardError) : null;

    /// <summary>Creates an exception whose message ends with the output of the CLI.</summary>
    public AmpProcessException Quoting(string message, string errorId, string advice) =>
        ToException(message + StandardErrorTail.Quoted(Said), errorId, advice);

    /// <summary>Creates an exception with all details of the exit.</summary>
    public AmpProcessException ToException(string message, string errorId, string advice) => new(message, errorId, advice)
    {
        ExitCode = Exit?.ExitCode,
        Signal = Exit?.Signal,
        StandardError = Said,
        StandardErrorTruncated = IsTruncated,
        ThreadId = ThreadId,
    };

    // Since July 2026, the service creates the thread before the CLI writes a message, and can refuse to.
    private AmpProcessException? Refused()
    {
        string? id = HasMessages || Command is not null || RefusalIn(Said) is not string said ? null : ServiceFaults.IdOf(said);
        return id is null ? null : Quoting(
            "The Amp service did not accept the run.",
            id,
            id == AmpErrorId.QuotaExceeded ? ServiceFaults.QuotaAdvice : "Wait, and then run the prompt again.");
    }

    // For a run, the ID in the exception is that of its own thread, not of a missing one.
    private string Thread => Command is null ? "The thread to continue" : $"Thread {ThreadId}";
}
