using System.Diagnostics;

namespace Amp.Testing;

/// <summary>Waits for something to become true instead of for time to pass.</summary>
public static class Eventually
{
    /// <summary>Asks again every few milliseconds; false where the condition still does not hold after <paramref name="timeout"/>.</summary>
    public static async Task<bool> IsTrueAsync(Func<bool> condition, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(condition);
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > timeout)
            {
                return false;
            }

            await Task.Delay(10);
        }

        return true;
    }
}
