using System.Buffers;
using System.Text;
using System.Text.Json;
using Amp.Json;

namespace Amp.Settings.Editing;

/// <summary>
/// Changes the text of a settings file only where required: comments, order, indentation, line breaks and trailing commas are kept. The
/// CLIs themselves rewrite a whole list without its comments.
/// </summary>
internal sealed class SettingsText
{
    private const string OptionName = nameof(CliOptions.SettingsFile);

    private static readonly JsonWriterOptions s_pretty = new()
    {
        Indented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly string _path;
    private readonly string _lineEnd;
    private readonly string _unit;
    private readonly bool _hasMark;
    private byte[] _json;

    private SettingsText(byte[] json, string path)
    {
        _path = path;
        _hasMark = json.AsSpan().StartsWith("\uFEFF"u8);
        _json = _hasMark ? json[3..] : json;

        // Reports where the text is invalid, in contrast to the reader of positions.
        JsonSource.ParseObject(_json, $"'{path}'", OptionName).Dispose();
        _lineEnd = _json.AsSpan().IndexOf("\r\n"u8) >= 0 ? "\r\n" : "\n";
        JsonContainer root = Root();
        bool isIndented = root.Items.Count > 0 && JsonTrivia.BeginsLine(_json, root.Items[0].Start)
            && JsonTrivia.IndentOfLine(_json, root.Items[0].Start).Length > 0;
        _unit = isIndented ? Encoding.UTF8.GetString(JsonTrivia.IndentOfLine(_json, root.Items[0].Start)) : "  ";
    }

    /// <summary>Parses a text that contains a JSON object.</summary>
    /// <exception cref="AmpValidationException">The text is invalid.</exception>
    public static SettingsText Parse(byte[] json, string path) => new(json, path);

    /// <summary>Gets the current text.</summary>
    public byte[] ToBytes() => _hasMark ? [0xEF, 0xBB, 0xBF, .. _json] : _json;

    /// <summary>Adds values to a list in the settings, which is created if it does not exist.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="atEnd">Whether the values come after the existing ones instead of before them.</param>
    /// <param name="values">Write the values.</param>
    /// <exception cref="AmpValidationException">The setting exists twice, or is not a list.</exception>
    public void AddToList(string key, bool atEnd, IReadOnlyList<Action<Utf8JsonWriter>> values)
    {
        int place = PlaceOf(key, (byte)'[', "list", "[]");
        Insert(JsonContainer.Read(_json, place), atEnd, [.. values.Select(value => (string.Empty, Bytes(value)))]);
    }

    /// <summary>Sets a member of an object in the settings, which is created if it does not exist.</summary>
    /// <exception cref="AmpValidationException">The setting exists twice, or is not an object.</exception>
    public void SetMember(string key, string name, Action<Utf8JsonWriter> value)
    {
        int place = PlaceOf(key, (byte)'{', "object", "{}");
        JsonContainer container = JsonContainer.Read(_json, place);
        JsonContainer.Item[] same = [.. container.Items.Where(item => item.Name == name)];
        if (same.Length == 0)
        {
            Insert(container, atEnd: true, [(Quoted(name) + ": ", Bytes(value))]);
            return;
        }

        // In JavaScript, the last one is used.
        JsonContainer.Item old = same[^1];
        string indent = Encoding.UTF8.GetString(JsonTrivia.IndentOfLine(_json, old.Start));
        Splice(old.Value, old.End, Indented(Bytes(value), indent));
    }

    /// <summary>Gets the member names of an object in the settings; none if it does not exist.</summary>
    /// <exception cref="AmpValidationException">The setting exists twice, or is not an object.</exception>
    public IReadOnlyList<string> MemberNames(string key)
    {
        if (Find(key) is not JsonContainer.Item found)
        {
            return [];
        }

        RefuseOther(key, found, (byte)'{', "object");
        return [.. JsonContainer.Read(_json, found.Value).Items.Select(item => item.Name!)];
    }

    /// <summary>Removes a member of an object in the settings. Comments are kept.</summary>
    /// <returns>Whether the member existed.</returns>
    /// <exception cref="AmpValidationException">The setting exists twice, or is not an object.</exception>
    public bool RemoveMember(string key, string name)
    {
        if (Find(key) is not JsonContainer.Item found)
        {
            return false;
        }

        RefuseOther(key, found, (byte)'{', "object");
        bool removed = false;
        while (true)
        {
            JsonContainer container = JsonContainer.Read(_json, found.Value);
            int index = -1;
            for (int i = 0; i < container.Items.Count; i++)
            {
                index = container.Items[i].Name == name ? i : index;
            }

            if (index < 0)
            {
                return removed;
            }

            RemoveItem(container, index);
            removed = true;
        }
    }

    private static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter writer = new(bytes, s_pretty))
        {
            write(writer);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static string Quoted(string name) => Encoding.UTF8.GetString(Bytes(writer => writer.WriteStringValue(name)));

    private JsonContainer Root() => JsonContainer.Read(_json, 0);

    private JsonContainer.Item? Find(string key)
    {
        JsonContainer.Item[] found = [.. Root().Items.Where(item => item.Name == key)];
        return found.Length <= 1
            ? found.Length == 0 ? null : found[0]
            : throw new AmpValidationException(
                $"'{key}' is in '{_path}' {found.Length} times.", OptionName, "Keep one: the CLI reads only the last of them.", _path);
    }

    private int PlaceOf(string key, byte open, string kind, string empty)
    {
        if (Find(key) is JsonContainer.Item found)
        {
            RefuseOther(key, found, open, kind);
            return found.Value;
        }

        Insert(Root(), atEnd: true, [(Quoted(key) + ": ", Encoding.UTF8.GetBytes(empty))]);
        return Find(key)!.Value.Value;
    }

    private void RefuseOther(string key, JsonContainer.Item found, byte open, string kind)
    {
        if (_json[found.Value] != open)
        {
            throw new AmpValidationException(
                $"'{key}' in '{_path}' is not {(kind == "object" ? "an" : "a")} {kind}.", OptionName, $"Make it a{(kind == "object" ? "n" : string.Empty)} {kind}.", _path);
        }
    }

    private void Insert(JsonContainer container, bool atEnd, IReadOnlyList<(string Name, byte[] Value)> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        string closeIndent = Encoding.UTF8.GetString(JsonTrivia.IndentOfLine(_json, container.Open));
        bool hasLines = container.Items.Count == 0 || _json.AsSpan(container.Open, container.Close - container.Open).IndexOf((byte)'\n') >= 0;
        string indent = container.Items.Count > 0 && JsonTrivia.BeginsLine(_json, container.Items[0].Start)
            ? Encoding.UTF8.GetString(JsonTrivia.IndentOfLine(_json, container.Items[0].Start))
            : closeIndent + _unit;
        string gap = hasLines ? _lineEnd + indent : " ";
        string[] texts = [.. items.Select(item => item.Name + (hasLines ? Indented(item.Value, indent) : Compact(item.Value)))];
        if (container.Items.Count == 0)
        {
            InsertIntoEmpty(container, gap, texts, closeIndent);
        }
        else if (atEnd)
        {
            InsertBehind(container, gap, texts);
        }
        else
        {
            InsertBefore(container, gap, texts);
        }
    }

    private void InsertIntoEmpty(JsonContainer container, string gap, string[] texts, string closeIndent)
    {
        (_, int place) = JsonTrivia.Skip(_json, container.Open + 1);
        bool closesOnOwnLine = _json.AsSpan(place, container.Close - place).IndexOf((byte)'\n') >= 0;
        Splice(place, place, string.Concat(texts.Select((text, i) => gap + text + (i < texts.Length - 1 ? "," : string.Empty)))
            + (closesOnOwnLine ? string.Empty : _lineEnd + closeIndent));
    }

    // After the last comment, which belongs to the text before it.
    private void InsertBehind(JsonContainer container, string gap, string[] texts)
    {
        int end = container.Items[^1].End;
        int comma = JsonTrivia.CommaBehind(_json, end);
        (_, int place) = JsonTrivia.Skip(_json, comma < 0 ? end : comma + 1);
        place = Math.Max(place, comma + 1);
        string last = comma < 0 ? string.Empty : ",";
        Splice(place, place, string.Concat(texts.Select((text, i) => gap + text + (i < texts.Length - 1 ? "," : last))));
        if (comma < 0)
        {
            Splice(end, end, ",");
        }
    }

    // After a comment on the line of the bracket, before a comment above the first item.
    private void InsertBefore(JsonContainer container, string gap, string[] texts)
    {
        (int place, _) = JsonTrivia.Skip(_json, container.Open + 1, oneLine: true);
        if (place < container.Items[0].Start)
        {
            Splice(place, place, string.Concat(texts.Select(text => gap + text + ",")));
        }
        else
        {
            int first = container.Items[0].Start;
            Splice(first, first, string.Concat(texts.Select((text, i) => (i > 0 ? gap : string.Empty) + text + ",")) + gap);
        }
    }

    private void RemoveItem(JsonContainer container, int index)
    {
        JsonContainer.Item item = container.Items[index];
        int end = item.End;
        int comma = JsonTrivia.CommaBehind(_json, end);
        int previousComma = comma < 0 && index > 0 ? JsonTrivia.CommaBehind(_json, container.Items[index - 1].End) : -1;

        // Only white space and comments can be between the item and its comma.
        if (comma >= 0)
        {
            Splice(comma, comma + 1, string.Empty);
        }

        int start = item.Start;
        if (JsonTrivia.BeginsLine(_json, start) && JsonTrivia.Skip(_json, end, oneLine: true).Next is int next
            && next < _json.Length && _json[next] is (byte)'\n' or (byte)'\r' && JsonTrivia.Skip(_json, end, oneLine: true).LastComment == end)
        {
            // The whole line is removed, with the line break before it.
            start -= JsonTrivia.IndentOfLine(_json, start).Length;
            start -= start > 0 && _json[start - 1] == '\n' ? 1 : 0;
            start -= start > 0 && _json[start - 1] == '\r' ? 1 : 0;
            end = next;
        }

        Splice(start, end, string.Empty);
        if (previousComma >= 0)
        {
            Splice(previousComma, previousComma + 1, string.Empty);
        }
    }

    // The writer indents by two spaces and uses the line breaks of the system.
    private string Indented(byte[] value, string indent)
    {
        string[] lines = Encoding.UTF8.GetString(value).Split('\n');
        StringBuilder text = new();
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r');
            string bare = line.TrimStart(' ');
            if (i > 0)
            {
                text.Append(_lineEnd).Append(indent).Insert(text.Length, _unit, (line.Length - bare.Length) / 2);
            }

            text.Append(bare);
        }

        return text.ToString();
    }

    private static string Compact(byte[] value)
    {
        using JsonDocument document = JsonDocument.Parse(value);
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter writer = new(bytes, s_pretty with { Indented = false }))
        {
            document.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private void Splice(int start, int end, string text) =>
        _json = [.. _json.AsSpan(0, start), .. Encoding.UTF8.GetBytes(text), .. _json.AsSpan(end)];
}
