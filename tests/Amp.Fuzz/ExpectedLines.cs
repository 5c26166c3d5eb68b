using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Amp.Fuzz;

/// <summary>
/// What has to come of a stream, worked out the plain way from all its bytes at once: which lines are messages, which are broken,
/// and where one is too long.
/// </summary>
internal sealed partial class ExpectedLines
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 512 };

    public ExpectedLines(byte[] stream, int maxLineBytes)
    {
        int start = 0;
        while (start < stream.Length && TooLongAt is null)
        {
            int length = stream.AsSpan(start).IndexOf((byte)'\n');
            int end = length < 0 ? stream.Length : start + length;
            if (end - start > maxLineBytes)
            {
                TooLongAt = start;
            }
            else
            {
                Add(stream, start, end);
            }

            start = end + 1;
        }
    }

    /// <summary>The lines that begin as JSON, and whether they are JSON.</summary>
    public List<(ReadOnlyMemory<byte> Line, bool IsMessage)> Json { get; } = [];

    /// <summary>Lines that are neither blank nor JSON.</summary>
    public int Texts { get; private set; }

    /// <summary>Where the line stands that is too long; null where none is.</summary>
    public int? TooLongAt { get; private set; }

    private void Add(byte[] stream, int start, int end)
    {
        ReadOnlyMemory<byte> line = stream.AsMemory(start, end - start);
        if (start == 0 && line.Span.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
        }

        line = line.Span is [.., (byte)'\r'] ? line[..^1] : line;
        ReadOnlySpan<byte> trimmed = line.Span.Trim(" \t\r"u8);
        if (trimmed.IsEmpty)
        {
            return;
        }

        // What a terminal would not show in front of the brace is not part of the line, where it is more than blanks.
        int controls = LeadingControls().Match(Encoding.Latin1.GetString(line.Span)).Length;
        if (line.Span.TrimStart(" \t"u8) is [(byte)'{', ..])
        {
            Json.Add((line, IsJson(line)));
        }
        else if (line.Span[controls..] is [(byte)'{', ..])
        {
            Json.Add((line[controls..], IsJson(line[controls..])));
        }
        else
        {
            Texts++;
        }
    }

    // ECMA-48, as far as it is met here: control sequences, strings to BEL or ST, escapes, and single control characters.
    [GeneratedRegex(@"\A(?:\x1B\[[ -?]*[@-~]?|\x1B[\]PX^_][^\x07\n\x1B]*(?:\x07|\x1B\\)?|\x1B[ -/][\s\S]?|\x1B[0-OQ-WYZ\\`-\xFF]|[\x00- \x7F])*")]
    private static partial Regex LeadingControls();

    private static bool IsJson(ReadOnlyMemory<byte> line)
    {
        try
        {
            JsonDocument.Parse(line, s_options).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
