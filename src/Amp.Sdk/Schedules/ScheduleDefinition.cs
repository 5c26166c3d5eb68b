using System.Buffers;
using System.Collections.Specialized;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Amp.Json;

namespace Amp.Schedules;

/// <summary>
/// What was registered. It is kept in the folder of the schedule, so that the files of a scheduler contain nothing but the command that starts
/// the runner. It contains no secret.
/// </summary>
internal sealed partial record ScheduleDefinition
{
    private static readonly JsonWriterOptions s_format = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>What starts the runner.</summary>
    public required SchedulerKind Scheduler { get; init; }

    /// <summary>When it starts.</summary>
    public required ScheduleTrigger Trigger { get; init; }

    /// <summary>The program and the arguments that the scheduler starts; the last one is the full path of the runner.</summary>
    public required IReadOnlyList<string> Runner { get; init; }

    /// <summary>The variables without which that program does not start.</summary>
    public IReadOnlyDictionary<string, string> RunnerVariables { get; init; } = new Dictionary<string, string>();

    /// <summary>The program and the arguments that the runner starts.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The script among those arguments.</summary>
    public required string ScriptPath { get; init; }

    /// <summary>The variables of the script that a scheduler does not give it.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder in which the script runs.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The time after which a run is stopped.</summary>
    public required TimeSpan TimeLimit { get; init; }

    /// <summary>The folder of the logs.</summary>
    public required string LogDirectory { get; init; }

    /// <summary>The number of logs that are kept.</summary>
    public required int LogLimit { get; init; }

    /// <summary>The name of the secret; null for none.</summary>
    public string? ApiKeyName { get; init; }

    /// <summary>The vault of the secret.</summary>
    public string? Vault { get; init; }

    /// <summary>The file with variables.</summary>
    public string? EnvironmentFile { get; init; }

    /// <summary>The files that were written for the scheduler.</summary>
    public IReadOnlyList<string> SchedulerFiles { get; init; } = [];

    /// <summary>Refuses a name that is not the same on every system, or that could lead to another file.</summary>
    /// <exception cref="AmpValidationException">The name cannot be used.</exception>
    public static void CheckName(string name)
    {
        if (!NamePattern().IsMatch(name) || DevicePattern().IsMatch(name))
        {
            throw new AmpValidationException(
                $"'{TerminalText.Escaped(name)}' is not a valid schedule name.",
                "Name",
                "Give up to 64 letters from A to Z, digits, hyphens and underscores. The name must begin with a letter or digit. Names of devices, such as 'con', are reserved.",
                name);
        }
    }

    /// <summary>Reads a definition; null if the text is not one.</summary>
    public static ScheduleDefinition? Parse(string text)
    {
        if (JsonValue.ParseOrNull(text) is not OrderedDictionary fields
            || Text(fields, "name") is not string name || !NamePattern().IsMatch(name) || DevicePattern().IsMatch(name)
            || !Enum.TryParse(Text(fields, "scheduler"), out SchedulerKind scheduler) || !Enum.IsDefined(scheduler)
            || TriggerOf(fields) is not ScheduleTrigger trigger
            || List(fields, "runner") is not { Count: > 1 } runner || List(fields, "command") is not { Count: > 1 } command
            || Text(fields, "script") is not string script || Text(fields, "workingDirectory") is not string workingDirectory
            || Seconds(fields, "timeLimit") is not { Ticks: > 0 } limit
            || Text(fields, "logDirectory") is not string logs || fields["logLimit"] is not (long and > 0 and <= int.MaxValue and long logLimit))
        {
            return null;
        }

        return new ScheduleDefinition
        {
            Name = name,
            Scheduler = scheduler,
            Trigger = trigger,
            Runner = runner,
            RunnerVariables = ReadVariables(fields, "runnerVariables"),
            Command = command,
            ScriptPath = script,
            Variables = ReadVariables(fields, "variables"),
            WorkingDirectory = workingDirectory,
            TimeLimit = limit,
            LogDirectory = logs,
            LogLimit = (int)logLimit,
            ApiKeyName = Text(fields, "apiKeyName"),
            Vault = Text(fields, "vault"),
            EnvironmentFile = Text(fields, "environmentFile"),
            SchedulerFiles = List(fields, "schedulerFiles") ?? [],
        };
    }

    /// <summary>Writes the definition. The same definition gives the same text.</summary>
    public string ToJson()
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json, s_format))
        {
            writer.WriteStartObject();
            writer.WriteString("name", Name);
            writer.WriteString("scheduler", Scheduler.ToString());
            writer.WriteString("at", Trigger.At.ToString("HH:mm", CultureInfo.InvariantCulture));
            Write(writer, "days", Trigger.Days.Select(day => day.ToString()));
            if (Trigger.Every is TimeSpan every)
            {
                writer.WriteNumber("every", (long)every.TotalSeconds);
            }

            Write(writer, "runner", Runner);
            Write(writer, "runnerVariables", RunnerVariables);
            Write(writer, "command", Command);
            writer.WriteString("script", ScriptPath);
            Write(writer, "variables", Variables);
            writer.WriteString("workingDirectory", WorkingDirectory);
            writer.WriteNumber("timeLimit", (long)TimeLimit.TotalSeconds);
            writer.WriteString("logDirectory", LogDirectory);
            writer.WriteNumber("logLimit", LogLimit);
            writer.WriteString("apiKeyName", ApiKeyName);
            writer.WriteString("vault", Vault);
            writer.WriteString("environmentFile", EnvironmentFile);
            Write(writer, "schedulerFiles", SchedulerFiles);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(json.WrittenSpan) + "\n";
    }

    private static ScheduleTrigger? TriggerOf(OrderedDictionary fields)
    {
        if (!TimeOnly.TryParseExact(Text(fields, "at"), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly at))
        {
            return null;
        }

        List<DayOfWeek> days = [];
        foreach (string name in List(fields, "days") ?? [])
        {
            if (!Enum.TryParse(name, out DayOfWeek day))
            {
                return null;
            }

            days.Add(day);
        }

        try
        {
            return ScheduleTrigger.Of(at, days, Seconds(fields, "every"));
        }
        catch (AmpValidationException)
        {
            return null;
        }
    }

    private static TimeSpan? Seconds(OrderedDictionary fields, string name) =>
        fields[name] is long seconds and >= 0 and <= 366L * 24 * 3600 ? TimeSpan.FromSeconds(seconds) : null;

    private static string? Text(OrderedDictionary fields, string name) => fields[name] as string;

    private static IReadOnlyList<string>? List(OrderedDictionary fields, string name) =>
        fields[name] is object?[] items && items.All(item => item is string) ? [.. items.Cast<string>()] : null;

    private static Dictionary<string, string> ReadVariables(OrderedDictionary fields, string name)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in fields[name] as OrderedDictionary ?? [])
        {
            if (entry.Value is string value)
            {
                variables[(string)entry.Key] = value;
            }
        }

        return variables;
    }

    private static void Write(Utf8JsonWriter writer, string name, IEnumerable<string> items)
    {
        writer.WriteStartArray(name);
        foreach (string item in items)
        {
            writer.WriteStringValue(item);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, string> variables)
    {
        writer.WriteStartObject(name);
        foreach ((string variable, string value) in variables.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            writer.WriteString(variable, value);
        }

        writer.WriteEndObject();
    }

    // No dot: Windows drops one at the end, and the names of units and labels have dots of their own.
    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A(?:con|prn|aux|nul|(?:com|lpt)[0-9])\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DevicePattern();
}
