using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Amp.Processes;

/// <summary>
/// Identifies a process permanently: the system reuses the ID of an exited process, and the same ID is another process in another
/// container.
/// </summary>
/// <param name="Id">The process ID.</param>
/// <param name="Start">The start time: on Linux in clock ticks since the system's start, which does not depend on changes of the clock; on
/// other systems in seconds since 1970.</param>
/// <param name="Space">The scope of the ID: the number of the PID namespace on Linux; 0 on other systems.</param>
internal readonly record struct ProcessIdentity(int Id, long Start, long Space)
{
    // Two readings of a start time, calculated from the boot time and the clock, can differ slightly.
    private const long StartTolerance = 3;

    /// <summary>The identity of this process.</summary>
    public static ProcessIdentity Current { get; } = new(
        Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0, NumberIn(OperatingSystem.IsLinux() ? "/proc/self/ns/pid" : null));

    /// <summary>Whether it can be known if the process has exited.</summary>
    public bool IsKnown => Space == Current.Space;

    /// <summary>
    /// Whether the process has certainly exited, which includes a zombie. It is unknown for a process in another container.
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

    /// <summary>Gets the start time of a running process; null if it has exited or cannot be queried.</summary>
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

    /// <summary>Parses the result of <see cref="ToString()"/>.</summary>
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

    /// <summary>Returns the three numbers as one word.</summary>
    public string ToString(char separator) =>
        string.Create(CultureInfo.InvariantCulture, $"{Id}{separator}{Start}{separator}{Space}");

    // A process of another user can be hidden or inaccessible, and still exist.
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
