using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Amp.Files;
using Amp.Processes;

namespace Amp.Schedules;

/// <summary>
/// The logs of a schedule: <c>NAME-20260102T031000Z.log</c> with what the script of a run wrote, of which the newest are kept, and
/// <c>NAME.amp-schedule.log</c> with a line for each run. The folder may be one of the user's with other files, so neither is a name that a script
/// would choose. The times in names are in UTC, whose order does not change in the hour that is repeated in autumn. On Linux and
/// macOS, only their owner can read them, because they may contain what the agent read. On Windows, that holds for a folder that is created for them.
/// </summary>
internal static partial class RunLogs
{
    /// <summary>What follows the name of the schedule in the name of the history. A name of a schedule contains no dot.</summary>
    public const string HistoryEnd = ".amp-schedule.log";

    private const string PreviousHistoryEnd = ".amp-schedule.1.log";
    private const long LargestHistory = 1024 * 1024;

    /// <summary>Creates the log of a run.</summary>
    /// <exception cref="IOException">The folder or the file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The user does not have permission to create it.</exception>
    public static (string Path, FileStream Stream) Create(ScheduleDefinition definition, DateTimeOffset start)
    {
        if (!Directory.Exists(definition.LogDirectory))
        {
            OwnFolder.Make(definition.LogDirectory);
        }

        string name = $"{definition.Name}-{start.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        for (int number = 1; ; number++)
        {
            string path = Path.Combine(definition.LogDirectory, number == 1 ? $"{name}.log" : $"{name}-{number}.log");
            if (!BoundedFile.IsThere(path))
            {
                return (path, WholeFile.Create(path, WholeFile.OwnerOnly, FileShare.ReadWrite | FileShare.Delete));
            }
        }
    }

    /// <summary>Adds a line to the history. A history that has become large is moved aside, and replaces the previous one there.</summary>
    public static void Note(ScheduleDefinition definition, DateTimeOffset time, string text)
    {
        string path = History(definition);
        try
        {
            using (AppendFile history = AppendFile.Open(path, mustBeNew: false))
            {
                history.Append(Encoding.UTF8.GetBytes($"{time.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture)} {text.ReplaceLineEndings(" ")}{Environment.NewLine}"));
                if (history.Length <= LargestHistory)
                {
                    return;
                }
            }

            File.Move(path, PreviousHistory(definition), overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The log of the run and the record say the same.
        }
    }

    /// <summary>Deletes the oldest logs of runs, except the newest ones.</summary>
    /// <param name="definition">The schedule.</param>
    /// <param name="last">The log of this run, which is the newest one, also if the clock was set back.</param>
    public static void Rotate(ScheduleDefinition definition, string last)
    {
        try
        {
            foreach (string path in RunsOf(definition).Where(path => path != last).OrderByDescending(Order, StringComparer.Ordinal).Skip(definition.LogLimit - 1))
            {
                File.Delete(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next run tries again.
        }
    }

    /// <summary>Deletes all logs of a schedule.</summary>
    /// <param name="definition">The schedule.</param>
    /// <param name="isOwnFolder">Whether their folder is the schedule's own, which is deleted if nothing else is in it.</param>
    public static void Remove(ScheduleDefinition definition, bool isOwnFolder)
    {
        if (!Directory.Exists(definition.LogDirectory))
        {
            return;
        }

        foreach (string path in (string[])[.. RunsOf(definition), History(definition), PreviousHistory(definition)])
        {
            File.Delete(path);
        }

        if (isOwnFolder && !Directory.EnumerateFileSystemEntries(definition.LogDirectory).Any())
        {
            Directory.Delete(definition.LogDirectory);
        }
    }

    private static string History(ScheduleDefinition definition) => Path.Combine(definition.LogDirectory, definition.Name + HistoryEnd);

    private static string PreviousHistory(ScheduleDefinition definition) => Path.Combine(definition.LogDirectory, definition.Name + PreviousHistoryEnd);

    private static IEnumerable<string> RunsOf(ScheduleDefinition definition) => Directory
        .EnumerateFiles(definition.LogDirectory, $"{definition.Name}-*.log")
        .Where(path => Path.GetFileName(path)[(definition.Name.Length + 1)..] is string rest && RunPattern().IsMatch(rest));

    // Several runs of one second are numbered from 2 on.
    private static string Order(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        string[] parts = name.Split('-');
        return parts[^1].Contains('T', StringComparison.Ordinal) ? $"{parts[^1]}-00001" : $"{parts[^2]}-{parts[^1].PadLeft(5, '0')}";
    }

    [GeneratedRegex(@"\A[0-9]{8}T[0-9]{6}Z(?:-[0-9]{1,4})?\.log\z", RegexOptions.CultureInvariant)]
    private static partial Regex RunPattern();
}

/// <summary>
/// Writes what a script writes to its log: line by line, without secrets and control sequences, up to a limit. If the log cannot be written, for
/// example because the disk is full, the script is still read, because it would otherwise wait for ever.
/// </summary>
internal sealed class RunLogWriter : IDisposable
{
    /// <summary>The size from which on the rest is not kept, so that a script in a loop does not fill the disk.</summary>
    public const long Limit = 100 * 1024 * 1024;

    private readonly object _gate = new();
    private readonly FileStream _file;
    private readonly Func<string, string> _redact;
    private long _length;

    /// <param name="file">The new log.</param>
    /// <param name="redact">Removes secrets.</param>
    public RunLogWriter(FileStream file, Func<string, string> redact)
    {
        _file = file;
        _redact = redact;
    }

    /// <summary>Why the rest of the log is missing; null if it is complete.</summary>
    public string? Fault { get; private set; }

    /// <summary>Writes a line.</summary>
    public void Write(string line) => Write(line, isCut: false);

    private void Write(string line, bool isCut)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(StandardErrorLines.Shown(_redact(TerminalText.Strip(line)), isCut) + Environment.NewLine);
        lock (_gate)
        {
            if (_length > Limit || Fault is not null)
            {
                return;
            }

            _length += bytes.Length;
            try
            {
                _file.Write(_length > Limit ? Encoding.UTF8.GetBytes($"The log has reached {Limit / (1024 * 1024)} MiB; the rest is not kept.{Environment.NewLine}") : bytes);
                _file.Flush();
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                Fault = exception.Message;
            }
        }
    }

    /// <summary>Reads a stream of the script to its end.</summary>
    public async Task CopyAsync(Stream stream)
    {
        StandardErrorLines lines = new(Write);
        byte[] buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                lines.Append(buffer.AsSpan(0, read));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The script was stopped.
        }

        lines.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _file.Dispose();
        }
        catch (IOException exception)
        {
            // It tries again to write what it could not.
            Fault ??= exception.Message;
        }
    }
}
