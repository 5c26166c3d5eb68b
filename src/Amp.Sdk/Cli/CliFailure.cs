using Amp.Processes;

namespace Amp.Cli;

/// <summary>
/// A CLI that did not do its work, in a run or in a command: how it ended and what it wrote. The one map from that to an exception. Runs and
/// commands differ in what is set here, and in the lines below that ask for <see cref="Command"/>.
/// </summary>
/// <param name="Exit">How it ended; null where it could not be ended.</param>
/// <param name="Said">What it wrote to its standard error, safe to show; of a command that wrote nothing there, its standard output.</param>
internal sealed record CliFailure(ProcessExit? Exit, string Said)
{
    public const string ThreadNotFoundAdvice = "Check the ID; a thread of another account or service cannot be reached.";

    /// <summary>Whether it wrote more to its standard error than is kept.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>The command as the user would type it, safe to show; null for a run.</summary>
    public string? Command { get; init; }

    /// <summary>Whether a run had begun to write messages, so that not all that it said is about its start.</summary>
    public bool HasMessages { get; init; }

    /// <summary>Whether the CLI was asked for a thread that may be missing.</summary>
    public bool NamesThread { get; init; }

    /// <summary>The thread: of a run the one it had, once that is known; of a command the one that it is about.</summary>
    public string? ThreadId { get; init; }

    /// <summary>The ID of an end that nothing else is known of.</summary>
    public string ExitErrorId => Exit?.Signal is null ? AmpErrorId.CliFailed : AmpErrorId.CliTerminated;

    /// <summary>The exception for the cause that it named; null where it named none that is known.</summary>
    public AmpException? Known() => CliFaultText.Find(Said, beforeAnyOutput: !HasMessages, NamesThread, isRun: Command is null) switch
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
        _ => null,
    };

    /// <summary>An exception whose message ends with what the CLI wrote.</summary>
    public AmpProcessException Quoting(string message, string errorId, string advice) =>
        ToException(message + StandardErrorTail.Quoted(Said), errorId, advice);

    /// <summary>An exception with all that is known of the end.</summary>
    public AmpProcessException ToException(string message, string errorId, string advice) => new(message, errorId, advice)
    {
        ExitCode = Exit?.ExitCode,
        Signal = Exit?.Signal,
        StandardError = Said,
        StandardErrorTruncated = IsTruncated,
        ThreadId = ThreadId,
    };

    // Of a run the ID of the exception is that of its own thread, which a missing one is not.
    private string Thread => Command is null ? "The thread to continue" : $"Thread {ThreadId}";
}
