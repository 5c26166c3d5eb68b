using System.Text;

namespace Amp.Fuzz;

/// <summary>Damages single lines. What comes out may hold line ends of its own.</summary>
internal sealed class LineDamage(Random random)
{
    private static readonly string[] s_shapes =
    [
        "null", "7", "-0", "2.5", "1e999", "-1e-999", "9223372036854775807", "9223372036854775808", "1" + new string('0', 1100), "01", "NaN", "+1",
        "\"\"", "\"text\"", "\"true\"", "\"12\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\x\"", "\"a\tb\"", "\"open", "'single'",
        "true", "false", "tru", "[]", "[1,\"a\"]", "[null,[],{}]", "[1,]", "{}", "{\"a\":{\"b\":[null]}}", "{\"a\":1,\"A\":2,\"a\":3}",
        "{\"\\ud800\":1,\"path\":2}", "{\"type\":\"text\"}", "[{\"type\":\"tool_use\",\"name\":\"edit_file\",\"input\":{\"\\udfff\":0}}]", "/*c*/1", "",
    ];

    private static readonly string[] s_names =
    [
        "type", "\\u0074ype", "TYPE", "session_id", "subtype", "is_error", "message", "content", "usage", "input", "result", "\\ud800", "", "__proto__", "a b", "\\u0000",
    ];

    private static readonly string[] s_separators =
        ["\r", "\r\r", "\u2028", "\u2029", "\u0085", "\u000b", "\u000c", "\0", "\u001e", " ", "\t", ",", "\uFEFF", "\u001b[0m", "\r\n", "\n", "\n\r", ""];

    private static readonly byte[][] s_noise =
    [
        [.. "npm warn \u001b[33mold\u001b[0m"u8], [.. "[1,2]"u8], [.. "null"u8], [.. "{"u8], [.. "}"u8], [.. "{}"u8], [.. "{}{}"u8], [.. "{\"type\":\"assis"u8],
        [.. " \t "u8], [.. "\r"u8], [.. "\uFEFF"u8], [.. "\0\0\0"u8], [0xFF, 0xFE, 0x7B, 0x00], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
        [.. "data: {\"type\":\"user\"}"u8], [.. "{\"type\":null}"u8], [.. "{\"message\":[]}"u8], [.. "{'type':'user'}"u8],
    ];

    /// <summary>Damages a line in one to three ways.</summary>
    public byte[] Of(byte[] line, byte[] other)
    {
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            line = Once(line, other);
        }

        return line;
    }

    private byte[] Once(byte[] line, byte[] other) => random.Next(16) switch
    {
        0 => Flip(line),
        1 => line[..random.Next(line.Length + 1)],
        2 => line[random.Next(line.Length + 1)..],
        3 => [.. line, .. Pick(s_separators), .. other],
        4 => Insert(line, random.Next(line.Length + 1), Pick(s_separators)),
        5 or 6 => Retype(line, Pick(s_shapes)),
        7 => Retype(line, Nested()),
        8 => Rename(line),
        9 => RemoveField(line),
        10 => RepeatField(line),
        11 => RepeatSlice(line),
        12 => Encode(line),
        13 => Escape(line),
        14 => s_noise[random.Next(s_noise.Length)],
        _ => Spread(line),
    };

    private byte[] Pick(string[] texts) => Encoding.UTF8.GetBytes(texts[random.Next(texts.Length)]);

    private byte[] Flip(byte[] line)
    {
        byte[] copy = [.. line];
        for (int i = random.Next(1, 5); i > 0 && copy.Length > 0; i--)
        {
            copy[random.Next(copy.Length)] ^= (byte)random.Next(1, 256);
        }

        return copy;
    }

    private byte[] Nested()
    {
        int depth = random.Next(20) == 0 ? 20_000 : random.Next(3) == 0 ? random.Next(500, 520) : random.Next(1, 60);
        bool isArray = random.Next(2) == 0;
        int closed = random.Next(4) == 0 ? random.Next(depth) : depth;
        StringBuilder text = new();
        text.Insert(0, isArray ? "[" : "{\"a\":", depth).Append('1').Append(isArray ? ']' : '}', closed);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private byte[] Retype(byte[] line, byte[] value) =>
        TrySpot(line, isName: false, out JsonSpot spot) ? [.. line.AsSpan(0, spot.Start), .. value, .. line.AsSpan(spot.End)] : line;

    private byte[] Rename(byte[] line) =>
        TrySpot(line, isName: true, out JsonSpot spot)
            ? [.. line.AsSpan(0, spot.Start), (byte)'"', .. Pick(s_names), (byte)'"', .. line.AsSpan(spot.End)]
            : line;

    private byte[] RemoveField(byte[] line)
    {
        if (!TrySpot(line, isName: true, out JsonSpot spot))
        {
            return line;
        }

        // The comma goes with the field, so that what is left is JSON again.
        int start = spot.Start;
        int end = spot.FieldEnd;
        if (end < line.Length && line[end] == ',')
        {
            end++;
        }
        else if (start > 0 && line[start - 1] == ',')
        {
            start--;
        }

        return [.. line.AsSpan(0, start), .. line.AsSpan(end)];
    }

    private byte[] RepeatField(byte[] line) =>
        TrySpot(line, isName: true, out JsonSpot spot)
            ? [.. line.AsSpan(0, spot.Start), .. line.AsSpan(spot.Start..spot.FieldEnd), (byte)',', .. line.AsSpan(spot.Start)]
            : line;

    private byte[] RepeatSlice(byte[] line)
    {
        int start = random.Next(line.Length + 1);
        int end = random.Next(start, line.Length + 1);
        return Insert(line, random.Next(line.Length + 1), line[start..end]);
    }

    private byte[] Encode(byte[] line)
    {
        Encoding encoding = random.Next(5) switch
        {
            0 => Encoding.Unicode,
            1 => Encoding.BigEndianUnicode,
            2 => Encoding.UTF32,
            3 => Encoding.Latin1,
            _ => Encoding.ASCII,
        };
        string text = Encoding.UTF8.GetString(line).Replace('e', random.Next(2) == 0 ? 'é' : 'e');
        return [.. random.Next(2) == 0 ? encoding.GetPreamble() : [], .. encoding.GetBytes(text)];
    }

    // What stands in quotes means the same with its letters escaped.
    private byte[] Escape(byte[] line)
    {
        if (!TrySpot(line, isName: random.Next(2) == 0, out JsonSpot spot) || line[spot.Start] != '"' || spot.End - spot.Start < 3)
        {
            return line;
        }

        int at = random.Next(spot.Start + 1, spot.End - 1);
        return char.IsAsciiLetterOrDigit((char)line[at]) && line[at - 1] != '\\'
            ? [.. line.AsSpan(0, at), .. Encoding.ASCII.GetBytes($"\\u{line[at]:x4}"), .. line.AsSpan(at + 1)]
            : line;
    }

    // Blanks between the tokens are allowed anywhere, and so many of them that a line fills buffers.
    private byte[] Spread(byte[] line)
    {
        if (!TrySpot(line, isName: random.Next(2) == 0, out JsonSpot spot))
        {
            return line;
        }

        byte[] blanks = new byte[random.Next(40) == 0 ? 70_000 : random.Next(1, 20)];
        Array.Fill(blanks, random.Next(3) == 0 ? (byte)'\t' : (byte)' ');
        return Insert(line, spot.Start, blanks);
    }

    private bool TrySpot(byte[] line, bool isName, out JsonSpot spot)
    {
        List<JsonSpot> spots = JsonSpots.Of(line).FindAll(candidate => candidate.IsName == isName && candidate.FieldEnd <= line.Length);
        spot = spots.Count == 0 ? default : spots[random.Next(spots.Count)];
        return spots.Count > 0;
    }

    private static byte[] Insert(byte[] line, int at, byte[] piece) => [.. line.AsSpan(0, at), .. piece, .. line.AsSpan(at)];
}
