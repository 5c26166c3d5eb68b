using Amp.Cli;
using Amp.Plans;
using Amp.Processes;

namespace Amp.Execution;

/// <summary>
/// Decides what was wrong with a run that has ended, by a fixed precedence: what this side did, then the result, then how
/// the process ended. The exit code alone proves nothing: the CLI exits with 0 after failed runs too.
/// </summary>
internal static class RunFailure
{
    public static Exception? Of(RunEnd end, AmpRunPlan plan, CancellationToken cancellationToken) => end.Reason switch
    {
        _ when end.Bypass is not null => RulesBypassed(end),
        StopReason.LoginStarted => new AmpAuthenticationException(LoginPrompt.Message),
        StopReason.Canceled => new AmpCanceledException(cancellationToken) { ThreadId = end.ThreadId },

        // The work was done before the limit came; only the CLI's end was late.
        StopReason.Timeout or StopReason.IdleTimeout or StopReason.ServiceLost or StopReason.QuestionUnanswered or StopReason.BudgetReached
            when end.Result is not null and not ErrorResultMessage => null,
        StopReason.Timeout => TimedOut(end, AmpErrorId.Timeout, plan.Options.Timeout!.Value),
        StopReason.IdleTimeout => TimedOut(end, AmpErrorId.IdleTimeout, plan.Options.IdleTimeout!.Value),
        StopReason.ServiceLost => ServiceLost(end, plan),
        StopReason.QuestionUnanswered => QuestionUnanswered(end, plan),
        StopReason.BudgetReached => end.Budget!.ToException(end.ThreadId),
        StopReason.Abandoned or StopReason.InputFailed or StopReason.OutputInvalid => null,
        StopReason.StaysAfterOutput => end.Result is null ? ClosedItsOutput(end, plan) : null,
        _ => OfExit(end, plan),
    };

    /// <summary>What this side's part in the run makes of its outcome; null where that is for the result to tell.</summary>
    public static AmpRunOutcome? OutcomeOf(StopReason reason, ResultMessage result, bool isBypassed, Exception? inputFailure, AmpRunOutcome? answers) => reason switch
    {
        _ when isBypassed => AmpRunOutcome.Failed,
        StopReason.OutputInvalid => AmpRunOutcome.OutputInvalid,
        StopReason.Canceled => AmpRunOutcome.Canceled,
        StopReason.BudgetReached when result.IsError => AmpRunOutcome.BudgetReached,
        StopReason.InputFailed when inputFailure is AmpBudgetException => AmpRunOutcome.BudgetReached,
        StopReason.ServiceLost when result.IsError => AmpRunOutcome.Failed,
        StopReason.QuestionUnanswered when result.IsError => AmpRunOutcome.Denied,
        StopReason.Timeout or StopReason.IdleTimeout when result.IsError => AmpRunOutcome.TimedOut,
        _ => result.IsError ? null : answers,
    };

    private static AmpProcessException RulesBypassed(RunEnd end) => Process(
        end,
        $"{end.Bypass}. The run was stopped. Earlier actions of the agent are not undone.",
        AmpErrorId.RulesBypassed,
        "Check the thread's calls and their changes before you run anything else.");

    private static AmpProcessException ServiceLost(RunEnd end, AmpRunPlan plan) => Process(
        end,
        $"The Amp CLI lost its connection to the Amp service for {plan.Options.ServiceLossTimeout.TotalSeconds:0.#} s and was stopped."
            + StandardErrorTail.Quoted(end.StandardError),
        AmpErrorId.ServiceUnreachable,
        "Check the network, the proxy settings, and AMP_URL if it is set. Then: " + Continue(end));

    private static AmpTimeoutException QuestionUnanswered(RunEnd end, AmpRunPlan plan) => new(
        $"The agent was to write a file, and the Amp CLI wrote nothing for {plan.Options.ServiceLossTimeout.TotalSeconds:0.#} s: it asks "
            + "before it writes a file that it guards, such as those in ~/.ssh, and nobody answered. The file was not written, and the CLI was ended.",
        AmpErrorId.IdleTimeout,
        plan.Options.ServiceLossTimeout,
        $"Name the file in '{GuardedFiles.Key}' of your settings if the agent may write it, or decide about writing by an approval.")
    {
        ThreadId = end.ThreadId,
        StandardError = end.StandardError,
    };

    private static AmpProcessException ClosedItsOutput(RunEnd end, AmpRunPlan plan) => Process(
        end,
        "The Amp CLI closed its output without a result and did not exit; it was stopped." + StandardErrorTail.Quoted(end.StandardError),
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
            message + StandardErrorTail.Quoted(end.StandardError),
            end.Exit?.Signal is null ? AmpErrorId.CliFailed : AmpErrorId.CliTerminated,
            Advice(end, plan));
    }

    private static string Advice(RunEnd end, AmpRunPlan plan) =>
        end.Exit?.Signal == "SIGKILL"
            ? "The system may have run out of memory; check its log. " + Continue(end)
            : end.LastMessage is null
                ? $"Start '{plan.Program.Path}' in a terminal to see the cause."
                : Continue(end);

    private static string Continue(RunEnd end) =>
        end.ThreadId is null ? "Run it again." : $"Continue thread {end.ThreadId}, or run the prompt again.";

    private static AmpException? StandardErrorSays(RunEnd end, AmpOptions options)
    {
        string text = end.StandardError;
        bool continues = options.ThreadId is not null || options.ContinueLatestThread;
        return CliFaultText.Find(text, beforeAnyOutput: end.LastMessage is null, namesThread: continues) switch
        {
            CliFault.ServiceUnreachable => Process(
                end,
                "The Amp CLI could not reach the Amp service." + StandardErrorTail.Quoted(text),
                AmpErrorId.ServiceUnreachable,
                "Check the network, the proxy settings, and AMP_URL if it is set."),
            CliFault.UnknownOption => Process(
                end,
                "The Amp CLI does not know an option or one of its values." + StandardErrorTail.Quoted(text),
                AmpErrorId.UnsupportedByCli,
                "Omit the option, use one of the values in the message, or install another version of the CLI."),
            CliFault.ThreadNotFound => Process(
                end,
                "The thread to continue was not found." + StandardErrorTail.Quoted(text),
                AmpErrorId.ThreadNotFound,
                "Check the ID; a thread of another account or service cannot be continued."),
            CliFault.ThreadArchived => Process(
                end,
                "The thread to continue is archived." + StandardErrorTail.Quoted(text),
                AmpErrorId.ThreadArchived,
                CliFaultText.ThreadArchivedAdvice),
            CliFault.CliOutdated => Process(
                end,
                "The Amp service no longer supports this version of the CLI." + StandardErrorTail.Quoted(text),
                AmpErrorId.CliOutdated,
                CliFaultText.CliOutdatedAdvice),
            CliFault.KeyRefused => new AmpAuthenticationException("The Amp service did not accept the API key." + StandardErrorTail.Quoted(text))
            {
                ThreadId = end.ThreadId,
            },
            _ => null,
        };
    }

    private static AmpTimeoutException TimedOut(RunEnd end, string errorId, TimeSpan limit) => new(
        errorId == AmpErrorId.Timeout
            ? $"The run did not finish within {limit.TotalSeconds:0.#} s and was stopped."
            : $"The Amp CLI wrote nothing for {limit.TotalSeconds:0.#} s and was stopped.",
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
}
