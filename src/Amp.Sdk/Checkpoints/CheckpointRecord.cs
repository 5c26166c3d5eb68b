using System.Buffers;
using System.Collections.Specialized;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Amp.Json;
using Amp.Text;

namespace Amp.Checkpoints;

/// <summary>What is stored about a checkpoint, as JSON in the message of its commit. What is read is not trusted.</summary>
internal sealed record CheckpointRecord(CheckpointCause Cause, DateTimeOffset Time)
{
    private const int LongestPrompt = 200;

    /// <summary>The work tree of the repository.</summary>
    public string Place { get; init; } = ".";

    /// <summary>The thread.</summary>
    public string? ThreadId { get; init; }

    /// <summary>The beginning of the prompt, without secrets.</summary>
    public string? Prompt { get; init; }

    /// <summary>The number of files.</summary>
    public int Files { get; init; }

    /// <summary>What could not be kept.</summary>
    public IReadOnlyList<string> NotKept { get; init; } = [];

    /// <summary>The nested repositories and submodules in <see cref="NotKept"/>; empty in the record of an earlier version.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>What was ignored, and so not kept.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>What only its owner could use (<see cref="RestoredModes.FindPrivate"/>).</summary>
    public IReadOnlyList<string> Private { get; init; } = [];

    /// <summary>Shortens a prompt to its beginning, in one line.</summary>
    public static string? Beginning(string? prompt)
    {
        if (prompt is null)
        {
            return null;
        }

        string line = string.Join(' ', prompt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return TruncatedText.Shown(line, LongestPrompt);
    }

    /// <summary>Reads a record; null if the text is not one.</summary>
    public static CheckpointRecord? Parse(string text)
    {
        if (JsonValue.ParseOrNull(text) is not OrderedDictionary fields
            || !Enum.TryParse(fields["cause"] as string, out CheckpointCause cause) || !Enum.IsDefined(cause)
            || !DateTimeOffset.TryParse(fields["time"] as string, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTimeOffset time))
        {
            return null;
        }

        return new CheckpointRecord(cause, time.ToLocalTime())
        {
            Place = fields["place"] as string ?? ".",
            ThreadId = fields["thread"] as string,
            Prompt = fields["prompt"] as string,
            Files = fields["files"] is long files and >= 0 and <= int.MaxValue ? (int)files : 0,
            NotKept = Paths(fields["notKept"]),
            Repositories = Paths(fields["repositories"]),
            Ignored = Paths(fields["ignored"]),
            Private = Paths(fields["private"]),
        };

        static string[] Paths(object? value) => value is object?[] paths ? [.. paths.OfType<string>()] : [];
    }

    /// <summary>Writes the record in one line of ASCII.</summary>
    public string ToJson()
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            writer.WriteString("cause", Cause.ToString());
            writer.WriteString("time", Time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));
            writer.WriteString("place", Place);
            writer.WriteString("thread", ThreadId);
            writer.WriteString("prompt", Prompt);
            writer.WriteNumber("files", Files);
            Write(writer, "notKept", NotKept);
            Write(writer, "repositories", Repositories);
            Write(writer, "ignored", Ignored);
            Write(writer, "private", Private);
            writer.WriteEndObject();
        }

        return Encoding.ASCII.GetString(json.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<string> paths)
    {
        writer.WriteStartArray(name);
        foreach (string path in paths)
        {
            writer.WriteStringValue(path);
        }

        writer.WriteEndArray();
    }
}
