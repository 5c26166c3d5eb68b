using System.Buffers;
using System.Collections.Specialized;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Amp.Files;
using Amp.Json;
using Amp.Processes;

namespace Amp.Schedules;

/// <summary>The record of a schedule's last run. It is written when the run starts and when it ends; what is read is not trusted.</summary>
/// <param name="Start">The start.</param>
/// <param name="Runner">The process that writes the record.</param>
/// <param name="Log">The log.</param>
internal sealed record ScheduleRecord(DateTimeOffset Start, ProcessIdentity Runner, string? Log)
{
    private const int LargestRecord = 64 * 1024;

    /// <summary>The end; null while the run is active, and for ever if its process was killed. Whether it is active, its lock tells.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>The result; null until the end.</summary>
    public ScheduleResult? Result { get; init; }

    /// <summary>The exit code of the script.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Reads the record of a schedule; null if there is none.</summary>
    public static ScheduleRecord? Read(string path)
    {
        try
        {
            return BoundedFile.IsThere(path) ? Parse(BoundedFile.ReadText(path, LargestRecord)) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads a record; null if the text is not one.</summary>
    public static ScheduleRecord? Parse(string text)
    {
        if (JsonValue.ParseOrNull(text) is not OrderedDictionary fields
            || Time(fields["start"]) is not DateTimeOffset start
            || ProcessIdentity.Parse(fields["runner"] as string ?? string.Empty) is not ProcessIdentity runner)
        {
            return null;
        }

        return new ScheduleRecord(start, runner, fields["log"] as string)
        {
            End = Time(fields["end"]),
            Result = Enum.TryParse(fields["result"] as string, out ScheduleResult result) && Enum.IsDefined(result) ? result : null,
            ExitCode = fields["exitCode"] is long code and >= int.MinValue and <= int.MaxValue ? (int)code : null,
        };

        static DateTimeOffset? Time(object? value) =>
            DateTimeOffset.TryParse(value as string, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTimeOffset time) ? time.ToLocalTime() : null;
    }

    /// <summary>Writes the record.</summary>
    public void Write(string path)
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            writer.WriteString("start", Start.ToString("O", CultureInfo.InvariantCulture));
            writer.WriteString("runner", Runner.ToString());
            writer.WriteString("log", Log);
            writer.WriteString("end", End?.ToString("O", CultureInfo.InvariantCulture));
            writer.WriteString("result", Result?.ToString());
            if (ExitCode is int code)
            {
                writer.WriteNumber("exitCode", code);
            }

            writer.WriteEndObject();
        }

        WholeFile.Write(path, json.WrittenMemory, WholeFile.OwnerOnly);
    }
}
