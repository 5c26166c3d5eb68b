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
    /// <param name="gone">Canceled when nobody waits for the decision anymore.</param>
    public async Task<ApprovalDecision> AskAsync(ApprovalRequest request, CancellationToken gone)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(gone);
        Task<ApprovalDecision> decision = Task.Run(() => _decide(request, stop.Token), CancellationToken.None);
        try
        {
            // Code that ignores its token must not block the agent.
            await ((Task)decision).WaitAsync(_limit, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return decision.IsCompleted ? await ResultOfAsync(decision).ConfigureAwait(false)
                : gone.IsCancellationRequested ? ApprovalDecision.NotMade("The run, or the program that asked, ended before a decision was made.")
                : ApprovalDecision.NotMade($"No decision was made within {_limit.TotalSeconds:0.#} s.");
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private static async Task<ApprovalDecision> ResultOfAsync(Task<ApprovalDecision> decision)
    {
        try
        {
            return await decision.ConfigureAwait(false)
                ?? ApprovalDecision.NotMade("The approval returned no decision.");
        }
#pragma warning disable CA1031 // What an exception of the caller's code means is known to its author alone; a yes it is not.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ApprovalDecision.NotMade($"The approval failed: {exception.Message}");
        }
    }
}
