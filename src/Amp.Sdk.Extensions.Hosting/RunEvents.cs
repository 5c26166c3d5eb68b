using Microsoft.Extensions.Logging;

namespace Amp;

/// <summary>The log entries. Their IDs are stable: an ID never gets another meaning.</summary>
internal static partial class RunEvents
{
    [LoggerMessage(1, LogLevel.Information, "Amp run {Run} started the CLI {CliVersion} as process {ProcessId} in {WorkingDirectory}", EventName = "RunStarted")]
    public static partial void Started(ILogger logger, long run, string? cliVersion, int? processId, string workingDirectory);

    [LoggerMessage(2, LogLevel.Information, "Amp run {Run} waits: {Reason}", EventName = "RunWaiting")]
    public static partial void Waiting(ILogger logger, long run, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Amp run {Run}: {Warning}", EventName = "RunWarning")]
    public static partial void Warned(ILogger logger, long run, string warning);

    [LoggerMessage(4, LogLevel.Warning, "Amp run {Run}: a call of {Tool} was denied: {Reason}", EventName = "ToolDenied")]
    public static partial void ToolDenied(ILogger logger, long run, string tool, string reason);

    [LoggerMessage(5, LogLevel.Debug, "Amp run {Run}: a call of {Tool} was allowed", EventName = "ToolAllowed")]
    public static partial void ToolAllowed(ILogger logger, long run, string tool);

    [LoggerMessage(6, LogLevel.Warning, "Amp run {Run}: retry {Attempt} after {DelayMilliseconds} ms because of {ErrorId}: {Reason}", EventName = "RunRetried")]
    public static partial void Retried(ILogger logger, long run, int attempt, long delayMilliseconds, string errorId, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Amp run {Run}: {Reason}", EventName = "LineInvalid")]
    public static partial void LineInvalid(ILogger logger, long run, string reason);

    [LoggerMessage(8, LogLevel.Debug, "Amp run {Run}: the CLI wrote {Text}", EventName = "CliWrote")]
    public static partial void CliWrote(ILogger logger, long run, string text);

    [LoggerMessage(9, LogLevel.Debug, "Amp run {Run}: the CLI exited with code {ExitCode}, signal {Signal}", EventName = "CliExited")]
    public static partial void Exited(ILogger logger, long run, int? exitCode, string? signal);

    [LoggerMessage(
        10,
        LogLevel.Information,
        "Amp run {Run} ended: {Outcome} after {ElapsedMilliseconds} ms, {Turns} turns, {ToolUses} tool uses, {InputTokens} tokens in, {OutputTokens} tokens out; thread {ThreadId}",
        EventName = "RunEnded")]
    public static partial void Ended(
        ILogger logger, long run, ResultOutcome outcome, long elapsedMilliseconds, int turns, int toolUses, long? inputTokens, long? outputTokens, string? threadId);

    [LoggerMessage(11, LogLevel.Error, "Amp run {Run} failed after {ElapsedMilliseconds} ms: {ErrorId}: {Reason} Thread {ThreadId}", EventName = "RunFailed")]
    public static partial void Failed(ILogger logger, long run, long elapsedMilliseconds, string errorId, string reason, string? threadId);

    [LoggerMessage(12, LogLevel.Information, "Amp run {Run} was canceled after {ElapsedMilliseconds} ms; thread {ThreadId}", EventName = "RunCanceled")]
    public static partial void Canceled(ILogger logger, long run, long elapsedMilliseconds, string? threadId);

    [LoggerMessage(13, LogLevel.Information, "Amp run {Run} was stopped after {ElapsedMilliseconds} ms, because its events were not read to the end; thread {ThreadId}", EventName = "RunLeft")]
    public static partial void Left(ILogger logger, long run, long elapsedMilliseconds, string? threadId);

    [LoggerMessage(14, LogLevel.Error, "An Amp run was not started: {ErrorId}: {Reason}", EventName = "RunRefused")]
    public static partial void Refused(ILogger logger, string errorId, string reason);
}
