using System.Buffers;
using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.Json;
using Amp.Messages;
using Amp.Text;

namespace Amp.Records;

/// <summary>The fields of the lines of a transcript that are not the CLI's: written by one side, and read by the other.</summary>
internal static class RecordJson
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = JsonReader.MaxDepth };

    /// <summary>Writes a JSON object.</summary>
    public static void Write(IBufferWriter<byte> output, Action<Utf8JsonWriter> fields)
    {
        using Utf8JsonWriter writer = new(output, s_options);
        writer.WriteStartObject();
        fields(writer);
        writer.WriteEndObject();
    }

    /// <summary>Writes the fields of the first line of a run.</summary>
    public static void WriteRun(Utf8JsonWriter writer, TranscriptRun run)
    {
        writer.WriteNumber("amp_transcript", TranscriptWriter.FormatVersion);
        writer.WriteString("run", run.Id);
        writer.WriteString("time", run.StartTime!.Value.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
        writer.WriteString("kind", run.IsSession ? "session" : "run");
        Text(writer, "sdk", run.SdkVersion);
        Text(writer, "cli", run.CliVersion);
        Text(writer, "host", run.HostName);
        Text(writer, "agent_host", run.AgentHost);
        Text(writer, "user", run.UserName);
        Text(writer, "owner", run.Owner);
        Text(writer, "cwd", run.WorkingDirectory);
        writer.WriteString("content", run.Content == TranscriptContent.Hash ? "hash" : "full");
        Text(writer, "prompt", run.Prompt);
        Text(writer, "prompt_sha256", run.PromptHash);
        Text(writer, "title", run.Title);
        List(writer, "labels", run.Labels);
        List(writer, "toolbox_tools", run.ToolboxTools);
        if (run.Options.Count > 0)
        {
            writer.WritePropertyName("options");
            PlainJson.Write(writer, run.Options);
        }
    }

    /// <summary>Reads the first line of a run.</summary>
    public static TranscriptRun ReadRun(OrderedDictionary fields, string? path) => new()
    {
        Id = TextOf(fields, "run") ?? string.Empty,
        StartTime = DateTimeOffset.TryParse(TextOf(fields, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null,
        IsSession = TextOf(fields, "kind") == "session",
        SdkVersion = TextOf(fields, "sdk"),
        CliVersion = TextOf(fields, "cli"),
        HostName = TextOf(fields, "host"),
        AgentHost = TextOf(fields, "agent_host"),
        UserName = TextOf(fields, "user"),
        Owner = TextOf(fields, "owner"),
        WorkingDirectory = TextOf(fields, "cwd"),
        Content = TextOf(fields, "content") == "hash" ? TranscriptContent.Hash : TranscriptContent.Full,
        Prompt = TextOf(fields, "prompt"),
        PromptHash = TextOf(fields, "prompt_sha256"),
        Title = TextOf(fields, "title"),
        Labels = ReadableList<string>.Of(ListOf(fields, "labels")),
        ToolboxTools = [.. ListOf(fields, "toolbox_tools")],
        Options = fields["options"] as OrderedDictionary ?? [],
        Path = path,
    };

    /// <summary>Writes the fields of the last line of a run.</summary>
    public static void WriteEnd(Utf8JsonWriter writer, TranscriptEnd end, Func<string, string> content)
    {
        writer.WriteStartObject("end");
        writer.WriteString("outcome", end.Outcome.ToString());
        Text(writer, "thread", end.ThreadId);
        Number(writer, "exit_code", end.ExitCode);
        Text(writer, "signal", end.Signal);
        Text(writer, "error_id", end.ErrorId);
        Text(writer, "error", end.Error is string error ? content(error) : null);
        writer.WriteNumber("duration_ms", (long)end.Duration.TotalMilliseconds);
        Text(writer, "stderr", end.StandardError.Length == 0 ? null : content(end.StandardError));
        writer.WriteEndObject();
    }

    /// <summary>Reads the end of a run.</summary>
    public static TranscriptEnd ReadEnd(OrderedDictionary fields) => new()
    {
        Outcome = OutcomeOf(fields) ?? ResultOutcome.Failed,
        ThreadId = TextOf(fields, "thread"),
        ExitCode = (int?)NumberOf(fields, "exit_code"),
        Signal = TextOf(fields, "signal"),
        ErrorId = TextOf(fields, "error_id"),
        Error = TextOf(fields, "error"),
        Duration = TimeOf(fields, "duration_ms"),
        StandardError = TextOf(fields, "stderr") ?? string.Empty,
    };

    /// <summary>Writes a decision.</summary>
    public static void WriteApproval(Utf8JsonWriter writer, ToolApproval approval, Func<string, string> content)
    {
        writer.WriteStartObject();
        writer.WriteString("tool", approval.ToolName);
        writer.WriteString("id", approval.ToolUseId);
        writer.WriteString("thread", approval.ThreadId);
        writer.WriteString("input", content(approval.Input));
        writer.WriteBoolean("allowed", approval.IsAllowed);
        Text(writer, "reason", approval.Reason is string reason ? content(reason) : null);
        writer.WriteString("asked", approval.AskedAt.ToString("O", CultureInfo.InvariantCulture));
        writer.WriteNumber("ticks", approval.Duration.Ticks);
        writer.WriteEndObject();
    }

    /// <summary>Reads a decision.</summary>
    public static ToolApproval ReadApproval(OrderedDictionary fields) => new()
    {
        ToolName = TextOf(fields, "tool") ?? string.Empty,
        ToolUseId = TextOf(fields, "id") ?? string.Empty,
        ThreadId = TextOf(fields, "thread") ?? string.Empty,
        Input = TextOf(fields, "input") ?? string.Empty,
        IsAllowed = fields["allowed"] is true,
        Reason = TextOf(fields, "reason"),
        AskedAt = DateTimeOffset.TryParse(TextOf(fields, "asked"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset asked) ? asked : default,
        Duration = TimeSpan.FromTicks(NumberOf(fields, "ticks") ?? 0),
    };

    /// <summary>Writes a retry.</summary>
    public static void WriteRetry(Utf8JsonWriter writer, AmpRetry retry, Func<string, string> content)
    {
        writer.WriteStartObject();
        writer.WriteNumber("attempt", retry.Attempt);
        writer.WriteString("error_id", retry.ErrorId);
        writer.WriteString("error", content(retry.Message));
        writer.WriteNumber("ticks", retry.Delay.Ticks);
        writer.WriteEndObject();
    }

    /// <summary>Reads a retry.</summary>
    public static AmpRetry ReadRetry(OrderedDictionary fields) => new(
        (int)(NumberOf(fields, "attempt") ?? 0), TextOf(fields, "error_id") ?? string.Empty, TextOf(fields, "error") ?? string.Empty, TimeSpan.FromTicks(NumberOf(fields, "ticks") ?? 0));

    /// <summary>Writes what a run knows about its result in addition to the line.</summary>
    public static void WriteFacts(Utf8JsonWriter writer, ResultFacts facts, ResultOutcome? outcome, Func<string, string> content)
    {
        Text(writer, "outcome", (facts.Outcome ?? outcome)?.ToString());
        Text(writer, "output", facts.OutputJson is string output ? content(output) : null);
        Items(writer, "approvals", facts.Approvals, approval => WriteApproval(writer, approval, content));
        Items(writer, "retries", facts.Retries, retry => WriteRetry(writer, retry, content));
        Items(writer, "verifications", facts.Verifications, verification =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("passed", verification.Passed);
            Text(writer, "text", verification.Text is string text ? content(text) : null);
            writer.WriteNumber("attempt", verification.Attempt);
            writer.WriteNumber("ticks", verification.Duration.Ticks);
            List(writer, "changed_files", verification.ChangedFiles.Select(content));
            writer.WriteBoolean("timed_out", verification.IsTimedOut);
            writer.WriteEndObject();
        });
    }

    /// <summary>Reads what a run knew about its result.</summary>
    public static ResultFacts ReadFacts(OrderedDictionary fields)
    {
        string? output = TextOf(fields, "output");
        return new ResultFacts
        {
            Outcome = OutcomeOf(fields),
            OutputJson = output,
            Output = output is null ? null : JsonValue.ParseOrNull(output),
            Approvals = ReadableList<ToolApproval>.Of(ObjectsOf(fields, "approvals").Select(ReadApproval)),
            Retries = ReadableList<AmpRetry>.Of(ObjectsOf(fields, "retries").Select(ReadRetry)),
            Verifications = ReadableList<AmpVerification>.Of(ObjectsOf(fields, "verifications").Select(item => new AmpVerification(item["passed"] is true, TextOf(item, "text"))
            {
                Attempt = (int)(NumberOf(item, "attempt") ?? 0),
                Duration = TimeSpan.FromTicks(NumberOf(item, "ticks") ?? 0),
                ChangedFiles = ReadableList<string>.Of(ListOf(item, "changed_files")),
                IsTimedOut = item["timed_out"] is true,
            })),
        };
    }

    /// <summary>Gets a text field; null for another type.</summary>
    public static string? TextOf(OrderedDictionary fields, string name) => fields[name] as string;

    /// <summary>Gets a number; null for another type.</summary>
    public static long? NumberOf(OrderedDictionary fields, string name) => fields[name] as long?;

    /// <summary>Gets the strings of a list.</summary>
    public static IEnumerable<string> ListOf(OrderedDictionary fields, string name) => (fields[name] as IEnumerable<object?>)?.OfType<string>() ?? [];

    /// <summary>Writes a text, if there is one.</summary>
    public static void Text(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static IEnumerable<OrderedDictionary> ObjectsOf(OrderedDictionary fields, string name) =>
        (fields[name] as IEnumerable<object?>)?.OfType<OrderedDictionary>() ?? [];

    private static TimeSpan TimeOf(OrderedDictionary fields, string name) =>
        TimeSpan.FromTicks(Math.Clamp(NumberOf(fields, name) ?? 0, 0, long.MaxValue / TimeSpan.TicksPerMillisecond) * TimeSpan.TicksPerMillisecond);

    private static ResultOutcome? OutcomeOf(OrderedDictionary fields) =>
        Enum.TryParse(TextOf(fields, "outcome"), out ResultOutcome outcome) && Enum.IsDefined(outcome) ? outcome : null;

    private static void Number(Utf8JsonWriter writer, string name, int? number)
    {
        if (number is int value)
        {
            writer.WriteNumber(name, value);
        }
    }

    private static void List(Utf8JsonWriter writer, string name, IEnumerable<string> items) => Items(writer, name, [.. items], writer.WriteStringValue);

    private static void Items<T>(Utf8JsonWriter writer, string name, IReadOnlyCollection<T> items, Action<T> write)
    {
        if (items.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (T item in items)
        {
            write(item);
        }

        writer.WriteEndArray();
    }
}
