using System.Buffers;
using System.Globalization;
using System.Text;

namespace Amp.Text;

/// <summary>
/// Finds secrets in text that is JSON, or contains some, however its strings are escaped: Go, Python and JavaScript escape other characters than .NET, in other
/// ways, and JSON whose strings are JSON again escapes the escapes. Secrets and text are compared without their escapes.
/// </summary>
internal sealed class EscapedSecrets
{
    // Shorter ones would be found inside ordinary words. What is compared has no backslashes.
    private const int Shortest = 4;

    private const int EscapeLength = 5;

    // What an encoder of JSON in use escapes, in addition to control characters and all outside of ASCII.
    private static readonly SearchValues<char> s_escapable = SearchValues.Create("\"\\/<>&'+=`");

    private readonly (string Plain, string? Anchor)[] _secrets;

    /// <param name="secrets">The known secrets, of which those count that JSON may escape.</param>
    public EscapedSecrets(IEnumerable<string> secrets) => _secrets =
    [
        .. secrets.Where(secret => secret.Any(IsEscapable))
            .Select(secret => (Plain: PlainOf(secret), Anchor: AnchorOf(secret)))
            .Where(secret => secret.Plain.Length >= Shortest)
            .Distinct()
            .OrderByDescending(secret => secret.Plain.Length),
    ];

    /// <summary>Gets the longest part of a secret that is the same in all of its spellings; null if it has none that is worth a search.</summary>
    public static string? AnchorOf(string secret)
    {
        (int start, int length) = (0, 0);
        for (int i = 0, from = 0; i <= secret.Length; i++)
        {
            if (i == secret.Length || IsEscapable(secret[i]))
            {
                (start, length) = i - from > length ? (from, i - from) : (start, length);
                from = i + 1;
            }
        }

        return length >= Shortest ? secret.Substring(start, length) : null;
    }

    /// <summary>Replaces the secrets in a text.</summary>
    public string Redact(string text, string mask)
    {
        // Without an escape, a secret is written as it is.
        if (_secrets.Length == 0 || !text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        string? plain = null;
        List<(int Start, int End)> found = [];
        foreach ((string secret, string? anchor) in _secrets)
        {
            if (anchor is null || text.Contains(anchor, StringComparison.Ordinal))
            {
                plain ??= PlainOf(text);
                for (int at = 0; (at = plain.IndexOf(secret, at, StringComparison.Ordinal)) >= 0; at += secret.Length)
                {
                    found.Add((at, at + secret.Length));
                }
            }
        }

        return found.Count == 0 ? text : Masked(text, found, mask);
    }

    private static bool IsEscapable(char c) => c is < ' ' or > '~' || s_escapable.Contains(c);

    private static string PlainOf(string text)
    {
        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length;)
        {
            if (Next(text, ref i, out _) is char c)
            {
                plain.Append(c);
            }
        }

        return plain.ToString();
    }

    // Places are counted in the text without its escapes.
    private static string Masked(string text, List<(int Start, int End)> found, string mask)
    {
        found.Sort();
        StringBuilder masked = new(text.Length);
        (int next, int copied, int place, int maskedTo) = (0, 0, 0, 0);
        for (int i = 0; i < text.Length;)
        {
            if (Next(text, ref i, out int start) is null)
            {
                continue;
            }

            for (; next < found.Count && found[next].Start == place; next++)
            {
                // One that begins inside another is a part of it, or goes on after it.
                if (place >= maskedTo)
                {
                    masked.Append(text, copied, start - copied).Append(mask);
                }

                maskedTo = Math.Max(maskedTo, found[next].End);
            }

            place++;
            copied = place <= maskedTo ? i : copied;
        }

        return masked.Append(text, copied, text.Length - copied).ToString();
    }

    // Reads a character however it is escaped; null for backslashes alone, which escape what follows them, or are escaped.
    private static char? Next(string text, ref int i, out int start)
    {
        start = i;
        if (text[i] != '\\')
        {
            return Letter(text[i++]);
        }

        while (i < text.Length && text[i] == '\\')
        {
            for (i++; Code(text, i) == '\\';)
            {
                i += EscapeLength;
            }
        }

        if (Code(text, i) is int code)
        {
            i += EscapeLength;
            return Letter((char)code);
        }

        return i < text.Length && text[i] is '"' or '/' or '\'' ? text[i++] : null;
    }

    private static int? Code(string text, int i) =>
        i + EscapeLength <= text.Length && text[i] == 'u'
        && int.TryParse(text.AsSpan(i + 1, EscapeLength - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
            ? code
            : null;

    // A control character and its letter, such as \t, are the same here.
    private static char Letter(char c) => c switch
    {
        '\b' => 'b',
        '\f' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        _ => c,
    };
}
