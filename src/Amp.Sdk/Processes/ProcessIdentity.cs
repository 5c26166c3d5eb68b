using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Amp.Processes;

/// <summary>
/// Names one process for good: the system gives an ID to another process when the first is gone, and the same ID means another process
/// in another container.
/// </summary>
/// <param name="Id">The process's ID.</param>
/// <param name="Start">When it started: on Linux in clock ticks since the system's start, which no change of the clock moves; elsewhere in
/// seconds since 1970.</param>
/// <param name="Space">Where the ID is valid: the number of the PID namespace on Linux; 0 elsewhere.</param>
internal readonly record struct ProcessIdentity(int Id, long Start, long Space)
{
    // Two readings of a start time, made of the boot time and the clock, may differ by a little.
    private const long StartTolerance = 3;

    /// <summary>This process.</summary>
    public static ProcessIdentity Current { get; } = new(
        Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0, NumberIn(OperatingSystem.IsLinux() ? "/proc/self/ns/pid" : null));

    /// <summary>
    /// Whether the process has certainly ended. One that only waits to be collected by its parent has; of one in another container
    /// nothing can be said.
    /// </summary>
    public bool IsGone
    {
        get
        {
            if (Space != Current.Space)
            {
                return false;
            }

            if (StartOf(Id) is not long start)
            {
                return !Exists(Id);
            }

            return Math.Abs(start - Start) > (OperatingSystem.IsLinux() ? 0 : StartTolerance);
        }
    }

    /// <summary>When a process that runs was started; null where it has ended or cannot be asked.</summary>
    public static long? StartOf(int processId)
    {
        if (OperatingSystem.IsLinux())
        {
            return ProcessTable.Find(processId)?.Start;
        }

        try
        {
            using Process process = Process.GetProcessById(processId);
            return new DateTimeOffset(process.StartTime).ToUnixTimeSeconds();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Reads what <see cref="ToString()"/> gives.</summary>
    public static ProcessIdentity? Parse(string text, char separator = '.')
    {
        string[] parts = text.Split(separator);
        return parts.Length == 3
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long start)
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long space)
                ? new ProcessIdentity(id, start, space)
                : null;
    }

    /// <inheritdoc/>
    public override string ToString() => ToString('.');

    /// <summary>The three numbers in one word.</summary>
    public string ToString(char separator) =>
        string.Create(CultureInfo.InvariantCulture, $"{Id}{separator}{Start}{separator}{Space}");

    // A process of another user may be hidden or may not be asked, and be there all the same.
    private static bool Exists(int processId)
    {
        if (OperatingSystem.IsLinux())
        {
            return ProcessTable.Fields(processId) is null && UnixSignal.Exists(processId);
        }

        try
        {
            using Process process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    // "pid:[4026531836]"
    private static long NumberIn(string? link)
    {
        try
        {
            string target = link is null ? string.Empty : new FileInfo(link).LinkTarget ?? string.Empty;
            return long.TryParse(target.Split('[', ']').ElementAtOrDefault(1), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                ? number
                : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
