using System.Diagnostics;
using System.Runtime.CompilerServices;
using Amp.Cli;
using Amp.Options;
using Amp.Services;
using Amp.Text;
using Amp.Tools;
using Amp.Verification;

namespace Amp.Execution;

/// <summary>
/// A run with retries if the service could not serve it, which continue its thread. Events of previous tries are kept; there is one result,
/// which counts all tries, and one error, which is that of the last try.
/// </summary>
internal sealed class RetriedRun
{
    /// <summary>The message to the agent when its thread is continued.</summary>
    public const string ContinueText = "Your last answer was interrupted by a service error. Continue where you stopped.";

    private static readonly TimeSpan s_firstDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(2);

    // A caller who waits longer can start another run. Task.Delay accepts at most 49 days.
    private static readonly TimeSpan s_longestRequest = TimeSpan.FromDays(1);

    private readonly AmpOptions _options;
    private readonly List<AmpRetry> _retries = [];
    private RunAccount? _account;
    private long _start = Stopwatch.GetTimestamp();
    private long? _waitsSince;
    private RunPlan _plan;
    private string? _threadId;
    private bool _hasChanged;

    private RetriedRun(RunPlan plan)
    {
        _plan = plan.WithOwnBudget();
        _options = plan.Options;
    }

    /// <summary>Runs a plan, and retries while that may help.</summary>
    public static async IAsyncEnumerable<AmpEvent> StreamAsync(
        RunPlan plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RetriedRun run = new(plan);
        using RunRecorder? recorder = RunRecorder.Of(plan);
        RunCheckpoint checkpoint = new(plan);
        await using ConfiguredAsyncDisposable ownedCheckpoint = checkpoint.ConfigureAwait(false);
        Verifier? verifier = plan.Options.Verify is null ? null : new Verifier(plan.Options, plan.Redactor(RunContribution.Nothing));
        AmpEvent? result = null;

        // A retry is recorded when its try starts: until then, the result before it is that of the run.
        List<AmpEvent> begun = [];
        while (true)
        {
            Exception? failure = null;
            AmpEvent? exit = null;
            IAsyncEnumerator<AmpEvent> events = AgentRun.StreamAsync(
                run._plan,
                cancellationToken,
                new RunRole
                {
                    Checkpoint = checkpoint,
                    Recorder = recorder,
                    Verifier = verifier,
                    Retries = ReadableList<AmpRetry>.Of(run._retries),
                    HasBegun = run._threadId is not null,
                    Earlier = run._account?.Tally.Conclude(),
                    Approvals = run._account?.Approvals ?? ReadableList<ToolApproval>.None,
                    Started = started =>
                    {
                        run._account = started.Account;
                        begun.ForEach(retry => recorder?.Note(retry));
                        begun.Clear();
                    },
                }).GetAsyncEnumerator(CancellationToken.None);
            await using ConfiguredAsyncDisposable owned = events.ConfigureAwait(false);
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync().ConfigureAwait(false))
                    {
                        break;
                    }
                }
                catch (Exception exception) when (exception is AmpException or AmpCanceledException)
                {
                    failure = exception;
                    break;
                }

                run.Note(events.Current);
                if (events.Current.Kind == AmpEventKind.Started)
                {
                    // If no other try starts, the result of the last one is that of the run.
                    result = null;
                }

                if (events.Current.Message is ErrorResultMessage)
                {
                    // Another try may follow, whose result is that of the run.
                    result = events.Current;
                    continue;
                }

                if (events.Current.Kind == AmpEventKind.Exited)
                {
                    exit = events.Current;
                    continue;
                }

                yield return events.Current;
            }

            if (run.Next(failure, result?.Message as ErrorResultMessage) is AmpRetry retry)
            {
                if (exit is AmpEvent ofTry)
                {
                    yield return ofTry;
                    exit = null;
                }

                recorder?.DropEnd();
                begun.Add(AmpEvent.FromRetry(retry));
                yield return AmpEvent.FromRetry(retry);
                failure = await run.WaitAsync(retry, cancellationToken).ConfigureAwait(false);
                if (failure is null)
                {
                    continue;
                }
            }

            // Before the last events, so that a failure of the record can still be told.
            if (recorder?.Close(failure) is string warning)
            {
                yield return AmpEvent.FromText(AmpEventKind.Warning, warning);
            }

            if (result is AmpEvent last)
            {
                yield return last;
            }

            if (exit is AmpEvent end)
            {
                yield return end;
            }

            if (failure is not null)
            {
                throw failure;
            }

            yield break;
        }
    }

    private void Note(in AmpEvent item)
    {
        _threadId ??= item.Message?.SessionId;

        // Time in which a try waits for its turn is none of the run.
        _start += _waitsSince is long since ? Stopwatch.GetTimestamp() - since : 0;
        _waitsSince = item.Kind == AmpEventKind.Waiting ? Stopwatch.GetTimestamp() : null;
        if (item.Message is AssistantMessage { CallsTool: true } message)
        {
            // An unknown tool may have changed anything; the tool for the answer changes nothing.
            _hasChanged |= message.ToolNames.Any(tool => tool != OutputService.ToolName && KnownTools.Find(tool)?.Kind is not (ToolKind.Read or ToolKind.Search or ToolKind.Web));
        }
    }

    // Null if a retry would not help, or may cause damage.
    private AmpRetry? Next(Exception? failure, ErrorResultMessage? result)
    {
        AmpException? fault = failure is null && result is not null ? new AmpAgentException(result) : failure as AmpException;
        if (fault?.ErrorId is not (AmpErrorId.ServiceUnreachable or AmpErrorId.Throttled or AmpErrorId.Overloaded)
            || _retries.Count >= _options.RetryLimit
            || (_hasChanged && !_options.RetryAfterChange)
            || _plan.Input.IsOpen)
        {
            return null;
        }

        // A wait time from the service is used; otherwise, the wait increases with random variation.
        string? said = result?.Error ?? CliFailure.RefusalOf(fault);
        TimeSpan delay = (said is null ? null : ServiceFaults.WaitOf(said))
            ?? TimeSpan.FromTicks(Math.Min(s_longestDelay.Ticks, s_firstDelay.Ticks << Math.Min(_retries.Count, 10))) * (0.75 + (Random.Shared.NextDouble() / 2));
        if (delay > s_longestRequest || (Left is TimeSpan left && delay >= left))
        {
            return null;
        }

        AmpRetry retry = new(_retries.Count + 1, fault.ErrorId, _plan.Redact(fault.Message), delay);
        _retries.Add(retry);
        return retry;
    }

    // Never zero, which would be no limit.
    private TimeSpan? Left => _options.Timeout is TimeSpan limit && limit > TimeSpan.Zero
        ? TimeSpan.FromTicks(Math.Max(1, (limit - Stopwatch.GetElapsedTime(_start)).Ticks))
        : null;

    // Null if the next try can start. In the meantime, the caller may have canceled the run, or the agent may have changed what the plan is made of.
    private async Task<Exception?> WaitAsync(AmpRetry retry, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(_plan.Transport.IsReplay ? TimeSpan.Zero : retry.Delay, cancellationToken).ConfigureAwait(false);
            if (RunBudgets.Refusal(_plan.Options, _threadId, "The run was not retried.") is AmpBudgetException reached)
            {
                return reached;
            }

            _plan = _plan.Again(_threadId, ContinueText, Left);
            return null;
        }
        catch (OperationCanceledException)
        {
            return new AmpCanceledException(cancellationToken) { ThreadId = _threadId };
        }
        catch (AmpException refusal)
        {
            return refusal;
        }
    }
}
