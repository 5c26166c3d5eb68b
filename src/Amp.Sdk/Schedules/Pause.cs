namespace Amp.Schedules;

/// <summary>Waits between two attempts.</summary>
internal static class Pause
{
    /// <param name="time">The time to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AmpCanceledException">The wait was canceled.</exception>
    public static async Task OfAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new AmpCanceledException(cancellationToken);
        }
    }
}
