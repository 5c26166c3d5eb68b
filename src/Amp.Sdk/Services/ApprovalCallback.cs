namespace Amp.Services;

/// <summary>
/// Asks the caller's code for a decision. There is always a verdict, whatever the code does and however long it takes; everything except a
/// clear yes is a no.
/// </summary>
internal sealed class ApprovalCallback
{
    private readonly Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>> _decide;
    private readonly TimeSpan _limit;

    /// <param name="decide">The caller's code.</param>
    /// <param name="limit">The time limit; null or zero for no limit.</param>
    public ApprovalCallback(Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>> decide, TimeSpan? limit)
    {
        _decide = decide;
        _limit = limit > TimeSpan.Zero ? limit.Value : Timeout.InfiniteTimeSpan;
    }

    /// <param name="request">The call.</param>
    /// <param name="gone">Canceled when nobody waits for the verdict anymore.</param>
    public async Task<ApprovalVerdict> AskAsync(ApprovalRequest request, CancellationToken gone)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(gone);
        Task<ApprovalDecision> decision = Task.Run(() => _decide(request, stop.Token), CancellationToken.None);
        try
        {
            // Code that ignores its token must not block the agent.
            await ((Task)decision).WaitAsync(_limit, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return decision.IsCompleted ? await VerdictOfAsync(decision).ConfigureAwait(false)
                : gone.IsCancellationRequested ? ApprovalVerdict.No("The run, or the program that asked, ended before a decision was made.")
                : ApprovalVerdict.No($"No decision was made within {_limit.TotalSeconds:0.#} s.");
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private static async Task<ApprovalVerdict> VerdictOfAsync(Task<ApprovalDecision> decision)
    {
        try
        {
            return await decision.ConfigureAwait(false) is ApprovalDecision made
                ? ApprovalVerdict.Of(made)
                : ApprovalVerdict.No("The approval returned no decision.");
        }
#pragma warning disable CA1031 // What an exception of the caller's code means is known to its author alone; a yes it is not.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ApprovalVerdict.No($"The approval failed: {exception.Message}");
        }
    }
}

/// <summary>The result of an approval request.</summary>
/// <param name="IsAllowed">Whether it was a clear yes.</param>
/// <param name="Message">The message for the model after a no; null for none.</param>
/// <param name="Reason">The recorded reason for a no. Errors in the caller's code are not sent to the model.</param>
internal sealed record ApprovalVerdict(bool IsAllowed, string? Message = null, string? Reason = null)
{
    public static ApprovalVerdict Of(ApprovalDecision decision) => new(decision.IsAllowed, decision.Message, decision.Message);

    public static ApprovalVerdict No(string reason) => new(IsAllowed: false, Reason: reason);
}
