using System.Globalization;

namespace Amp.Processes;

/// <summary>The user of a process.</summary>
internal static class ProcessUser
{
    private static readonly string? s_own = UserOf(Environment.ProcessId);

    /// <summary>Returns whether a process belongs to this process's user, because root can see and end those of all users.</summary>
    public static bool IsOwn(int processId) => s_own is not null && UserOf(processId) == s_own;

    // "Uid:  real  effective  saved  file system"
    private static string? UserOf(int processId)
    {
        try
        {
            return File.ReadLines($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/status")
                .FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal))?
                .Split('\t')
                .ElementAtOrDefault(1);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
