using Amp.Cli;
using Amp.Plans;
using Amp.Processes;

namespace Amp.Execution;

/// <summary>
/// Decides the cause of a run's failure, in a fixed order: the caller's own actions, the result, then how the process exited. The exit code
/// alone proves nothing, because the CLI also exits with 0 after failed runs.
/// </summary>
internal static class RunFailure
{
    public static Exception? Of(RunEnd end, RunPlan plan, CancellationToken cancellationToken) => end.Reason switch
    {
        _ when end.Bypass is not null => RulesBypassed(end),
        StopReason.LoginStarted => LoginPrompt.Failure(),
        StopReason.Canceled => new AmpCanceledException(cancellationToken) { ThreadId = end.ThreadId },

        // The work was done before the limit; only the CLI exited late. A CLI that waits for the caller's next message ends in the same way.
        StopReason.Timeout or StopReason.IdleTimeout or StopReason.ServiceLost or StopReason.QuestionUnanswered or StopReason.BudgetReached
            when end.IsInputDone && end.Result is not null and not ErrorResultMessage => Denied(end, plan),

        // The limit of a retry is only the rest of the caller's limit.
        StopReason.Timeout => TimedOut(end, AmpErrorId.Timeout, (plan.Asked.Timeout ?? plan.Options.Timeout)!.Value),
        StopReason.IdleTimeout => TimedOut(end, AmpErrorId.IdleTimeout, plan.Options.IdleTimeout!.Value),
        StopReason.ServiceLost => ServiceLost(end, plan),
        StopReason.QuestionUnanswered => QuestionUnanswered(end, plan),
        StopReason.BudgetReached => end.Budget!.ToException(end.ThreadId),
        StopReason.Abandoned or StopReason.InputFailed or StopReason.OutputInvalid => null,
        StopReason.None or StopReason.StaysAfterOutput when end.IsCut => Cut(end),
        StopReason.StaysAfterOutput => end.Result is null ? ClosedItsOutput(end, plan) : Denied(end, plan),
        _ => OfExit(end, plan),
    };

    private static AmpProcessException RulesBypassed(RunEnd end) => Process(
        end,
        $"{end.Bypass}. The run was stopped. Earlier actions of the agent are not undone.",
        AmpErrorId.RulesBypassed,
        "Check the thread's calls and their changes before you run anything else.");

    private static AmpProcessException ServiceLost(RunEnd end, RunPlan plan) => Process(
        end,
        $"The Amp CLI lost its connection to the Amp service for {plan.Options.ServiceLossTimeout.TotalSeconds:0.#} s and was stopped."
            + StandardErrorTail.Quoted(end.StandardError),
        AmpErrorId.ServiceUnreachable,
        ServiceFaults.UnreachableAdvice + " " + Continue(end));

    private static AmpTimeoutException QuestionUnanswered(RunEnd end, RunPlan plan) => new(
        $"The agent tried to write a file, and the Amp CLI wrote nothing for {plan.Options.ServiceLossTimeout.TotalSeconds:0.#} s. The CLI asks "
            + "before it writes a guarded file, such as those in ~/.ssh, and nobody answered. The file was not written, and the CLI was stopped.",
        AmpErrorId.IdleTimeout,
        plan.Options.ServiceLossTimeout,
        $"If the agent may write the file, add it to '{GuardedFiles.Key}' in your settings, or use an approval to decide.")
    {
        ThreadId = end.ThreadId,
        StandardError = end.StandardError,
    };

    private static AmpProcessException Cut(RunEnd end) => Process(
        end,
        "The Amp CLI returned its result before the conversation had ended, so it may not have got all messages." + StandardErrorTail.Quoted(end.StandardError),
        AmpErrorId.CliFailed,
        Continue(end));

    private static AmpProcessException ClosedItsOutput(RunEnd end, RunPlan plan) => Process(
        end,
        "The Amp CLI closed its output without a result and did not exit; it was stopped." + StandardErrorTail.Quoted(end.StandardError),
        AmpErrorId.CliFailed,
        Advice(end, plan));

    private static AmpException? OfExit(RunEnd end, RunPlan plan)
    {
        if (end.Lost is not null && end.Result is null)
        {
            return end.Lost is AmpHostException host && end.ThreadId is not null
                ? new AmpHostException(host.Message, host.ErrorId, host.HostName, host.RecommendedAction) { ThreadId = end.ThreadId }
                : end.Lost;
        }

        if (Denied(end, plan) is AmpAgentException denied)
        {
            return denied;
        }

        if (end.Result is ErrorResultMessage || (end.Result is not null && (end.Exit?.IsSuccess == true || end.Lost is not null)))
        {
            return null;
        }

        // A process that was terminated by a signal did not exit because of its earlier output.
        if (end.Result is null && end.Exit?.Signal is null && StandardErrorSays(end, plan.Options) is AmpException known)
        {
            return known;
        }

        string ending = end.Exit is null ? "could not be stopped" : $"ended with {end.Exit}";
        string message = end.Result is not null
            ? $"The Amp CLI {ending} after it had returned its result."
            : end.LastMessage is null
                ? $"The Amp CLI {ending} without any message."
                : $"The Amp CLI {ending} without a result; its last message was of type '{end.LastMessage.Type}'. The output is incomplete.";
        return Process(
            end,
            message + StandardErrorTail.Quoted(end.StandardError),
            Failure(end).ExitErrorId,
            Advice(end, plan));
    }

    // A run that was denied a tool can end empty or truncated, which is then its outcome. Every other outcome has an error of its own.
    private static AmpAgentException? Denied(RunEnd end, RunPlan plan) =>
        plan.Options.FailOnDenial
            && end.Result is { IsError: false, Outcome: ResultOutcome.Denied or ResultOutcome.Empty or ResultOutcome.Truncated } result
            && (result.Denials.Count > 0 || result.PermissionDenials.Count > 0)
            ? new AmpAgentException(result)
            : null;

    private static string Advice(RunEnd end, RunPlan plan) =>
        end.Exit?.Signal == "SIGKILL"
            ? "The system may have run out of memory; check its log. " + Continue(end)
            : end.LastMessage is null
                ? $"Start '{plan.Program.Path}' in a terminal to see the cause."
                : Continue(end);

    private static string Continue(RunEnd end) =>
        end.ThreadId is null ? "Run the prompt again." : $"Continue thread {end.ThreadId}, or run the prompt again.";

    private static AmpException? StandardErrorSays(RunEnd end, AmpOptions options) => (Failure(end) with
    {
        HasMessages = end.LastMessage is not null,
        HasRecovered = end.HasRecovered,
        NamesThread = options.ThreadId is not null || options.ContinueLatestThread,
    }).Known();

    private static AmpTimeoutException TimedOut(RunEnd end, string errorId, TimeSpan limit) => new(
        errorId == AmpErrorId.Timeout
            ? $"The run did not finish within {limit.TotalSeconds:0.#} s and was stopped."
            : $"The Amp CLI wrote nothing for {limit.TotalSeconds:0.#} s and was stopped.",
        errorId,
        limit,
        end.ThreadId is null ? "Allow more time, or run the prompt again." : $"Allow more time, continue thread {end.ThreadId}, or run the prompt again.")
    {
        ThreadId = end.ThreadId,
        StandardError = end.StandardError,
    };

    private static AmpProcessException Process(RunEnd end, string message, string errorId, string advice) =>
        Failure(end).ToException(message, errorId, advice);

    private static CliFailure Failure(RunEnd end) => new(end.Exit, end.StandardError)
    {
        IsTruncated = end.StandardErrorTruncated,
        ThreadId = end.ThreadId,
    };
}
