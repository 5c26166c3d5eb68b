namespace Amp.Schedules;

/// <summary>Waits between two attempts.</summary>
internal static class Pause
{
    /// <summary>Waits.</summary>
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
