using System.Diagnostics;

namespace Amp.LocalService.CommandLine;

/// <summary>Watches the process that the service was started for.</summary>
internal static class ParentProcess
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits until a process is gone.</summary>
    public static async Task WaitUntilGoneAsync(int processId, CancellationToken cancellationToken)
    {
        using Process? process = Find(processId);
        while (process is not null && !HasEnded(process))
        {
            await Task.Delay(s_interval, cancellationToken);
        }
    }

    private static Process? Find(int processId)
    {
        try
        {
            return Process.GetProcessById(processId);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool HasEnded(Process process)
    {
        if (process.HasExited)
        {
            return true;
        }

        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            // A process that nobody has collected yet still has its number.
            string stat = File.ReadAllText($"/proc/{process.Id}/stat");
            return stat[stat.LastIndexOf(')') + 2] is 'Z' or 'X';
        }
        catch (IOException)
        {
            return true;
        }
    }
}
