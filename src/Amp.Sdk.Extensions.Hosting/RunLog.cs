using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Amp;

/// <summary>
/// Logs a run while its events pass. Prompts, answers, arguments and results of tools are not logged; everything that comes from the CLI or the agent loses
/// the secrets of the run and is kept in one line, so that nothing can pass for another entry.
/// </summary>
internal sealed class RunLog
{
    private readonly RunPlan _plan;
    private readonly long _number;
    private readonly ILogger _logger;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly HashSet<string> _rejected = [];
    private string? _thread;
    private ResultMessage? _result;

    private RunLog(RunPlan plan, long number, ILogger logger)
    {
        _plan = plan;
        _number = number;
        _logger = logger;
    }

    private long Elapsed => (long)Stopwatch.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Passes events on and logs them.</summary>
    public static async IAsyncEnumerable<AmpEvent> ObserveAsync(
        IAsyncEnumerable<AmpEvent> events, RunPlan plan, long number, ILogger logger, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RunLog log = new(plan, number, logger);
        IAsyncEnumerator<AmpEvent> source = events.GetAsyncEnumerator(cancellationToken);
        ExceptionDispatchInfo? failure = null;
        bool isRead = false;
        try
        {
            while (!isRead)
            {
                try
                {
                    isRead = !await source.MoveNextAsync().ConfigureAwait(false);
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                    break;
                }

                if (!isRead)
                {
                    log.Note(source.Current);
                    yield return source.Current;
                }
            }
        }
        finally
        {
            await source.DisposeAsync().ConfigureAwait(false);
            log.End(failure?.SourceException, isRead);
        }

        failure?.Throw();
    }

    /// <summary>Gets a text without line ends, other control characters, and marks that change the direction of text.</summary>
    public static string InOneLine(string text) =>
        text.Any(IsMisleading) ? string.Create(text.Length, text, static (line, from) =>
        {
            for (int i = 0; i < from.Length; i++)
            {
                line[i] = IsMisleading(from[i]) ? ' ' : from[i];
            }
        }) : text;

    // Some viewers break lines at U+2028 and U+2029 too.
    private static bool IsMisleading(char c) =>
        char.IsControl(c) || c is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private void Note(AmpEvent item)
    {
        switch (item.Kind)
        {
            case AmpEventKind.Message:
                _thread ??= item.Message!.SessionId;
                _result = item.Message as ResultMessage ?? _result;
                break;
            case AmpEventKind.Started:
                RunEvents.Started(_logger, _number, item.Start!.CliVersion, item.Start.ProcessId, Safe(_plan.WorkingDirectory));
                break;
            case AmpEventKind.Waiting:
                RunEvents.Waiting(_logger, _number, Safe(item.Text));
                break;
            case AmpEventKind.Warning:
                RunEvents.Warned(_logger, _number, Safe(item.Text));
                break;
            case AmpEventKind.Approval when item.Approval is { IsAllowed: false } asked:
                _rejected.Add(asked.ToolUseId);
                RunEvents.ToolDenied(_logger, _number, Safe(asked.ToolName), Safe(asked.Reason));
                break;
            case AmpEventKind.Approval:
                RunEvents.ToolAllowed(_logger, _number, Safe(item.Approval!.ToolName));
                break;
            case AmpEventKind.Retry:
                RunEvents.Retried(_logger, _number, item.Retry!.Attempt, (long)item.Retry.Delay.TotalMilliseconds, item.Retry.ErrorId, Safe(item.Retry.Message));
                break;
            case AmpEventKind.InvalidLine:
                RunEvents.LineInvalid(_logger, _number, InvalidLine(item.Error!));
                break;
            case AmpEventKind.OutputText or AmpEventKind.StandardError when _logger.IsEnabled(LogLevel.Debug):
                RunEvents.CliWrote(_logger, _number, Safe(item.Text));
                break;
            case AmpEventKind.Exited:
                RunEvents.Exited(_logger, _number, item.Exit!.ExitCode, item.Exit.Signal);
                break;
        }
    }

    private void End(Exception? failure, bool isRead)
    {
        if (_result is ResultMessage result)
        {
            foreach (ToolDenial denial in result.Denials.Where(denial => denial.ToolUseId is null || !_rejected.Contains(denial.ToolUseId)))
            {
                RunEvents.ToolDenied(_logger, _number, Safe(denial.Tool), Safe(denial.Reason));
            }

            TokenUsage? usage = result.Usage;
            RunEvents.Ended(
                _logger,
                _number,
                result.Outcome,
                Elapsed,
                result.NumTurns,
                result.ToolUseCount,
                usage?.InputTokens + (usage?.CacheReadInputTokens ?? 0) + (usage?.CacheCreationInputTokens ?? 0),
                usage?.OutputTokens,
                _thread);
        }

        switch (failure)
        {
            case null when !isRead && _result is null:
                RunEvents.Left(_logger, _number, Elapsed, _thread);
                break;
            case null when _result is ErrorResultMessage error:
                AmpAgentException agent = new(error);
                RunEvents.Failed(_logger, _number, Elapsed, agent.ErrorId, Safe(agent.Message), _thread);
                break;
            case null:
                break;
            case OperationCanceledException:
                RunEvents.Canceled(_logger, _number, Elapsed, _thread);
                break;
            default:
                RunEvents.Failed(_logger, _number, Elapsed, (failure as AmpException)?.ErrorId ?? failure.GetType().Name, ReasonOf(failure), _thread);
                break;
        }
    }

    // The messages of these quote what the agent has said.
    private string ReasonOf(Exception failure) => failure switch
    {
        AmpJsonException line => InvalidLine(line),
        AmpOutputException => "The answer of the agent does not match the output schema.",
        AmpVerificationException => "The work of the agent did not pass its verification.",
        _ => Safe(failure.Message),
    };

    private static string InvalidLine(AmpJsonException error) => error.InnerException is JsonException { BytePositionInLine: long position }
        ? $"A line of the CLI's output with {error.RawLine.Length} characters cannot be read after byte {position}."
        : $"A line of the CLI's output cannot be read. {error.RawLine.Length} characters of it are known.";

    private string Safe(string? text) => text is null ? string.Empty : InOneLine(_plan.Redact(text));
}
