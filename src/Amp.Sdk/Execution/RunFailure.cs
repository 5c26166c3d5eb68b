using System.Text.RegularExpressions;

namespace Amp.Execution;

/// <summary>
/// Decides what was wrong with a run that has ended, by a fixed precedence: what this side did, then the result, then how
/// the process ended. The exit code alone proves nothing: the CLI exits with 0 after failed runs too.
/// </summary>
internal static partial class RunFailure
{
    private const int ShownOfStandardError = 1000;

    public static AmpException? Of(RunEnd end, AmpRunPlan plan, CancellationToken cancellationToken) => end.Reason switch
    {
        StopReason.LoginStarted => new AmpAuthenticationException(
            "There is no API key: the Amp CLI began an interactive login, which was ended at once."),
        StopReason.Canceled => new AmpCanceledException(cancellationToken) { ThreadId = end.ThreadId },

        // The work was done before the limit came; only the CLI's end was late.
        StopReason.Timeout or StopReason.IdleTimeout when end.Result is not null and not ErrorResultMessage => null,
        StopReason.Timeout => TimedOut(end, AmpErrorId.Timeout, plan.Options.Timeout!.Value),
        StopReason.IdleTimeout => TimedOut(end, AmpErrorId.IdleTimeout, plan.Options.IdleTimeout!.Value),
        StopReason.Abandoned or StopReason.InputFailed => null,
        StopReason.StaysAfterOutput => end.Result is null ? ClosedItsOutput(end, plan) : null,
        _ => OfExit(end, plan),
    };

    private static AmpProcessException ClosedItsOutput(RunEnd end, AmpRunPlan plan) => Process(
        end,
        "The Amp CLI closed its output without a result and did not end; it was ended." + Quoted(end.StandardError),
        AmpErrorId.CliFailed,
        Advice(end, plan));

    private static AmpException? OfExit(RunEnd end, AmpRunPlan plan)
    {
        if (plan.Options.FailOnDenial && end.Result is { IsError: false, Outcome: AmpRunOutcome.Denied })
        {
            return new AmpAgentException(end.Result);
        }

        if (end.Result is ErrorResultMessage || (end.Result is not null && end.Exit?.IsSuccess == true))
        {
            return null;
        }

        // Who was ended by a signal did not end for what it wrote before.
        if (end.Result is null && end.Exit?.Signal is null && StandardErrorSays(end, plan.Options) is AmpException known)
        {
            return known;
        }

        string ending = end.Exit is null ? "could not be ended" : $"ended with {end.Exit}";
        string message = end.Result is not null
            ? $"The Amp CLI {ending} after it had given its result."
            : end.LastMessage is null
                ? $"The Amp CLI {ending} without any message."
                : $"The Amp CLI {ending} without a result; its last message was of type '{end.LastMessage.Type}'. The output is incomplete.";
        return Process(
            end,
            message + Quoted(end.StandardError),
            end.Exit?.Signal is null ? AmpErrorId.CliFailed : AmpErrorId.CliTerminated,
            Advice(end, plan));
    }

    private static string Advice(RunEnd end, AmpRunPlan plan) =>
        end.Exit?.Signal == "SIGKILL"
            ? "The system may have run out of memory: look into its log. " + Continue(end)
            : end.LastMessage is null
                ? $"Start '{plan.Program.Path}' in a terminal to see what is wrong with it."
                : Continue(end);

    private static string Continue(RunEnd end) =>
        end.ThreadId is null ? "Run it again." : $"Continue thread {end.ThreadId}, or run it again.";

    // The texts are those of the CLIs of 2026. Each stands for a cause only where it can be one: an MCP server refuses
    // connections too, and a stack trace is full of numbers.
    private static AmpException? StandardErrorSays(RunEnd end, AmpOptions options)
    {
        string text = end.StandardError;
        bool beforeAnyMessage = end.LastMessage is null;
        if (Has(text, "Couldn't connect to the Amp server") || Has(text, "Cannot reach Amp servers")
            || (beforeAnyMessage && (Has(text, "ECONNREFUSED") || Has(text, "ENOTFOUND"))))
        {
            return Process(
                end,
                "The Amp CLI could not reach the Amp service." + Quoted(text),
                AmpErrorId.ServiceUnreachable,
                "Check the network, the proxy settings, and AMP_URL if it is set.");
        }

        if (beforeAnyMessage
            && (Has(text, "unknown option") || Has(text, "is invalid. Allowed choices are") || Has(text, "unknown command")))
        {
            return Process(
                end,
                "The Amp CLI does not know an option or one of its values." + Quoted(text),
                AmpErrorId.UnsupportedByCli,
                "Leave the option away, choose one of the values that the message names, or install another version of the CLI.");
        }

        bool continues = options.ThreadId is not null || options.ContinueLatestThread;
        if (continues && MissingThreadPattern().IsMatch(text))
        {
            return Process(
                end,
                "The thread to continue was not found." + Quoted(text),
                AmpErrorId.ThreadNotFound,
                "Check the ID; a thread of another account or service cannot be continued.");
        }

        return RefusedKeyPattern().IsMatch(text)
            ? new AmpAuthenticationException("The Amp service did not accept the API key." + Quoted(text)) { ThreadId = end.ThreadId }
            : null;
    }

    private static AmpTimeoutException TimedOut(RunEnd end, string errorId, TimeSpan limit) => new(
        errorId == AmpErrorId.Timeout
            ? $"The run was not finished after {limit.TotalSeconds:0.#} s and was ended."
            : $"The Amp CLI was silent for {limit.TotalSeconds:0.#} s and was ended.",
        errorId,
        limit,
        "Allow more time, or: " + Continue(end))
    {
        ThreadId = end.ThreadId,
        StandardError = end.StandardError,
    };

    private static AmpProcessException Process(RunEnd end, string message, string errorId, string advice) =>
        new(message, errorId, advice)
        {
            ExitCode = end.Exit?.ExitCode,
            Signal = end.Exit?.Signal,
            StandardError = end.StandardError,
            StandardErrorTruncated = end.StandardErrorTruncated,
            ThreadId = end.ThreadId,
        };

    [GeneratedRegex(
        @"\bthread\b[^\n]*\b(?:not found|does not exist)|no previously used thread",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MissingThreadPattern();

    [GeneratedRegex(
        @"\b(?:invalid|missing|no|wrong|expired|revoked)\b[^\n]{0,20}\bAPI key|\bAPI key\b[^\n]{0,20}\b(?:invalid|missing|not found|expired|revoked|required)\b"
            + @"|\bunauthorized\b|not logged in|access token expired|\b(?:HTTP|status|code)\b\W{0,3}401\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RefusedKeyPattern();

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static string Quoted(string standardError)
    {
        string text = standardError.Trim();
        if (text.Length == 0)
        {
            return string.Empty;
        }

        // The end says most; the whole tail is a property of the exception.
        return " It wrote: " + (text.Length <= ShownOfStandardError ? text : "…" + text[^ShownOfStandardError..]);
    }
}
