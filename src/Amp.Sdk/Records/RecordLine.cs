using System.Collections.Specialized;
using System.Text.Json;
using Amp.Json;
using Amp.Messages;

namespace Amp.Records;

/// <summary>A line of a transcript after the first one of its run. The line of the CLI in it is not read here.</summary>
internal readonly record struct RecordLine(string RunId, long? Milliseconds, int RawStart, int RawLength, OrderedDictionary Fields)
{
    private static readonly OrderedDictionary s_noFields = [];

    /// <summary>Opens a line of a transcript, which is one level deeper than the line of the CLI in it.</summary>
    public static JsonReader Open(ReadOnlySpan<byte> line) => new(line, JsonReader.MaxDepth + 1);

    /// <summary>The calls that the message denies; null if the line does not say so.</summary>
    public IReadOnlyCollection<string>? Denied => Fields.Contains("denied") ? new HashSet<string>(RecordJson.ListOf(Fields, "denied"), StringComparer.Ordinal) : null;

    /// <summary>What the run knew about its result; null for nothing.</summary>
    public ResultFacts? Facts => Fields["facts"] is OrderedDictionary facts ? RecordJson.ReadFacts(facts) : null;

    /// <summary>What the run knew about the end of a turn; null for nothing.</summary>
    public TurnEnd? TurnEnd => Fields["turn_end"] is not OrderedDictionary end ? null : new TurnEnd
    {
        IsFollowedUp = end["followed_up"] is true,
        OutputJson = RecordJson.TextOf(end, "output"),
        Output = RecordJson.TextOf(end, "output") is string output ? JsonValue.ParseOrNull(output) : null,
    };

    /// <summary>Reads a line.</summary>
    /// <exception cref="JsonException">The line is not a JSON object.</exception>
    public static RecordLine Read(ReadOnlySpan<byte> line)
    {
        string run = string.Empty;
        long? milliseconds = null;
        int start = 0;
        int length = 0;
        FieldCollection fields = default;
        JsonReader reader = Open(line);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The line is not an object.");
        }

        while (JsonText.NextField(ref reader))
        {
            if (JsonText.Is(ref reader, "run"u8))
            {
                run = JsonField.Any(ref reader) as string ?? string.Empty;
            }
            else if (JsonText.Is(ref reader, "ms"u8))
            {
                milliseconds = JsonField.Any(ref reader) as long?;
            }
            else if (JsonText.Is(ref reader, "line"u8))
            {
                start = reader.Position;
                reader.Skip();
                length = reader.Position - start;
            }
            else
            {
                fields = fields.Fields is null ? new FieldCollection(StringComparer.Ordinal) : fields;
                string name = JsonText.String(ref reader);
                fields.Set(name, JsonField.Any(ref reader));
            }
        }

        // Text after the end of the object is an error that is found only by reading on.
        reader.Read();
        return new RecordLine(run, milliseconds, start, length, fields.Fields ?? s_noFields);
    }
}
