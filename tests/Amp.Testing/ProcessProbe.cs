using System.Diagnostics;

namespace Amp.Testing;

/// <summary>Says which processes are there, so that a test can assert that none of a run is left.</summary>
public static class ProcessProbe
{
    /// <summary>Whether a process runs; one that has ended but was not yet collected by its parent does not.</summary>
    public static bool IsRunning(int processId)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                string stat = File.ReadAllText($"/proc/{processId}/stat");
                char state = stat[stat.LastIndexOf(')') + 2];
                return state is not ('Z' or 'X');
            }
            catch (IOException)
            {
                return false;
            }
        }

        try
        {
            using Process process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Waits until a process is gone; false where it still runs after <paramref name="timeout"/>.</summary>
    public static Task<bool> WaitUntilGoneAsync(int processId, TimeSpan timeout) =>
        Eventually.IsTrueAsync(() => !IsRunning(processId), timeout);
}
