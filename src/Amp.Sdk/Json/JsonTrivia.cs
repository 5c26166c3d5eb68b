namespace Amp.Json;

/// <summary>Skips the text between JSON values: white space, line breaks, comments, commas.</summary>
internal static class JsonTrivia
{
    /// <summary>
    /// Gets the position of the next byte that is neither white space nor part of a comment, and the end of the last comment before it.
    /// </summary>
    /// <param name="json">The string.</param>
    /// <param name="start">The start position.</param>
    /// <param name="oneLine">Whether to stop at a line break too.</param>
    public static (int Next, int LastComment) Skip(ReadOnlySpan<byte> json, int start, bool oneLine = false)
    {
        int lastComment = start;
        int i = start;
        while (i < json.Length)
        {
            if (json[i] is (byte)'\n' or (byte)'\r')
            {
                if (oneLine)
                {
                    break;
                }

                i++;
            }
            else if (json[i] is (byte)' ' or (byte)'\t')
            {
                i++;
            }
            else if (json[i..].StartsWith("//"u8))
            {
                int length = json[i..].IndexOfAny((byte)'\n', (byte)'\r');
                i = lastComment = length < 0 ? json.Length : i + length;
            }
            else if (json[i..].StartsWith("/*"u8))
            {
                i = lastComment = i + 4 + json[(i + 2)..].IndexOf("*/"u8);
            }
            else
            {
                break;
            }
        }

        return (i, lastComment);
    }

    /// <summary>Gets the position of the comma after an item, or -1.</summary>
    public static int CommaBehind(ReadOnlySpan<byte> json, int end)
    {
        (int next, _) = Skip(json, end);
        return next < json.Length && json[next] == ',' ? next : -1;
    }

    /// <summary>Gets the white space at the beginning of a line.</summary>
    public static ReadOnlySpan<byte> IndentOfLine(ReadOnlySpan<byte> json, int place)
    {
        int start = json[..place].LastIndexOfAny((byte)'\n', (byte)'\r') + 1;
        int end = start;
        while (end < json.Length && json[end] is (byte)' ' or (byte)'\t')
        {
            end++;
        }

        return json[start..end];
    }

    /// <summary>Returns whether only white space comes before a position in its line.</summary>
    public static bool BeginsLine(ReadOnlySpan<byte> json, int place) =>
        json[..place].LastIndexOfAny((byte)'\n', (byte)'\r') + 1 + IndentOfLine(json, place).Length == place && place > 0;
}
