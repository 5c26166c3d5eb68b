namespace Amp.Services;

/// <summary>Asks the caller's code. Whatever it does, and however long it takes, there is a verdict; all but a clear yes is a no.</summary>
internal sealed class ApprovalCallback
{
    private readonly Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>> _decide;
    private readonly TimeSpan _limit;

    /// <param name="decide">The caller's code.</param>
    /// <param name="limit">How long it may take; null or zero for no limit.</param>
    public ApprovalCallback(Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>> decide, TimeSpan? limit)
    {
        _decide = decide;
        _limit = limit > TimeSpan.Zero ? limit.Value : Timeout.InfiniteTimeSpan;
    }

    /// <param name="request">The call.</param>
    /// <param name="gone">Cancelled when nobody waits for the verdict any more.</param>
    public async Task<ApprovalVerdict> AskAsync(ApprovalRequest request, CancellationToken gone)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(gone);
        Task<ApprovalDecision> decision = Task.Run(() => _decide(request, stop.Token), CancellationToken.None);
        try
        {
            // Code that does not watch its token must not hold the agent.
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

/// <summary>What came of asking.</summary>
/// <param name="IsAllowed">Whether it was a clear yes.</param>
/// <param name="Message">What the model is told of a no; null for no more than that.</param>
/// <param name="Reason">Why it is a no, for the record. What went wrong with the caller's code is nothing for the model.</param>
internal sealed record ApprovalVerdict(bool IsAllowed, string? Message = null, string? Reason = null)
{
    public static ApprovalVerdict Of(ApprovalDecision decision) => new(decision.IsAllowed, decision.Message, decision.Message);

    public static ApprovalVerdict No(string reason) => new(IsAllowed: false, Reason: reason);
}
