using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.LocalService.Scenarios;

namespace Amp.LocalService.Model;

/// <summary>The content of a block in pieces small enough to send one by one.</summary>
internal static class BlockText
{
    private const int PieceLength = 16 * 1024;

    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<string> Deltas(AnswerBlock block) => block is RepeatedTextBlock repeated
        ? Repeat(repeated.Text, repeated.Bytes)
        : Pieces(Whole(block));

    public static IEnumerable<string> FirstHalf(AnswerBlock block)
    {
        if (block is RepeatedTextBlock repeated)
        {
            return Repeat(repeated.Text, repeated.Bytes / 2);
        }

        string whole = Whole(block);
        int half = (whole.Length + 1) / 2;
        return Pieces(whole[..(half < whole.Length && char.IsLowSurrogate(whole[half]) ? half - 1 : half)]);
    }

    public static string Whole(AnswerBlock block) => block switch
    {
        TextBlock text => text.Text,
        ThinkingBlock thinking => thinking.Text,
        ToolBlock tool => tool.Input.ToJsonString(s_options),
        RepeatedTextBlock repeated => string.Concat(Repeat(repeated.Text, repeated.Bytes)),
        _ => "",
    };

    private static IEnumerable<string> Pieces(string text)
    {
        for (int start = 0; start < text.Length;)
        {
            int length = Math.Min(PieceLength, text.Length - start);
            if (start + length < text.Length && char.IsLowSurrogate(text[start + length]))
            {
                length--;
            }

            yield return text.Substring(start, length);
            start += length;
        }
    }

    // Made piece by piece, so that an answer of any size needs no memory of that size.
    private static IEnumerable<string> Repeat(string text, int bytes)
    {
        int textBytes = Encoding.UTF8.GetByteCount(text);
        if (textBytes == 0)
        {
            yield break;
        }

        int copies = Math.Max(1, PieceLength / textBytes);
        string piece = string.Concat(Enumerable.Repeat(text, copies));
        int left = bytes;
        for (; left >= copies * textBytes; left -= copies * textBytes)
        {
            yield return piece;
        }

        var rest = new StringBuilder();
        foreach (Rune rune in piece.EnumerateRunes())
        {
            if (rune.Utf8SequenceLength > left)
            {
                break;
            }

            rest.Append(rune.ToString());
            left -= rune.Utf8SequenceLength;
        }

        // What is left is less than the next character needs.
        rest.Append('.', left);
        yield return rest.ToString();
    }
}
