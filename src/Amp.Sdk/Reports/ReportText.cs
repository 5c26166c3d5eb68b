using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Net;
using System.Security;
using System.Text;
using Amp.Text;

namespace Amp.Reports;

/// <summary>Makes the texts of a report safe to show: secrets become a mask, and characters that hide or reorder text become visible.</summary>
internal sealed class ReportText
{
    private const int LongestOnStack = 1024;

    private static readonly SearchValues<char> s_marks = SearchValues.Create("\\*`~&\r");

    // All that is visible in ASCII, and the white space that stays. Most texts consist of these, and a search of .NET passes over them at once.
    private static readonly SearchValues<char> s_visible = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code), '\t', '\n']);

    private readonly RunSecrets _own;
    private bool _mayHaveSecrets = true;

    /// <param name="options">What the report is made with, whose secrets are known too; null for nothing.</param>
    public ReportText(CliOptions? options = null)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value ?? string.Empty;
        }

        // Messages that were stored do not know the secrets of their run, which may have been one of this process.
        List<string> secrets = [.. KnownSecrets.OfProcess.Values];
        foreach ((string name, string? value) in options?.Environment ?? new Dictionary<string, string?>())
        {
            if (value is not null && SecretRedactor.IsSecret(name, value))
            {
                secrets.Add(value);
            }
        }

        if (options?.ApiKey is SecureString key)
        {
            secrets.Add(SecretText.Reveal(key));
        }

        _own = new RunSecrets(new SecretRedactor(variables, secrets));
    }

    /// <summary>What the run whose texts follow knows of its secrets; null for nothing.</summary>
    public RunSecrets? OfRun { get; set; }

    /// <summary>
    /// Looks once at the line of the message whose texts follow, because most lines have no secret. An escaped or invisible character may stand in the middle of
    /// one. Null for texts that are in no line.
    /// </summary>
    public void Follow(StreamMessage? message) =>
        _mayHaveSecrets = message is null || message.Line.IndexOf("\\u"u8) >= 0 || HasInvisible(message.Line) || MayFind(message.Line);

    /// <summary>Removes secrets, and gives all line breaks one form.</summary>
    public string Redact(string text)
    {
        if (text.Contains('\r', StringComparison.Ordinal))
        {
            text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        }

        if (!_mayHaveSecrets)
        {
            return text;
        }

        // A control sequence or an invisible character inside a secret would hide it, or a part of it, from the search.
        string clean = RedactAll(text);
        return HidesMore(text, clean, TerminalText.Strip) || HidesMore(text, clean, Visible) ? RedactAll(Visible(TerminalText.Strip(text))) : clean;
    }

    /// <summary>Removes secrets from Markdown, also those that are only together without its escapes.</summary>
    public string RedactMarkdown(string text)
    {
        string clean = Redact(text);
        return FindIn(WithoutMarks(text)) is string masked && WithoutMarks(masked) != WithoutMarks(clean) ? masked : clean;
    }

    /// <summary>Looks for secrets in what a text became, whatever its line has.</summary>
    /// <returns>The text without them; null if there are none.</returns>
    public string? FindIn(string shown)
    {
        string visible = Visible(shown);
        return MayFind(visible) ? Masked(visible) : null;
    }

    /// <summary>Removes secrets, and writes hidden characters as <c>\uXXXX</c>.</summary>
    public string Clean(string text) => TerminalText.Escaped(Redact(text));

    /// <summary>The same, and cuts out the middle of a long text: not before, because a part of a secret is not found.</summary>
    public string Clean(string text, int limit) => TerminalText.Escaped(Shorten(Redact(text), limit));

    /// <summary>The same, on one line and not longer than a limit.</summary>
    public string CleanLine(string text, int limit)
    {
        // The rest of a huge text is not shown.
        string clean = Redact(text);
        string start = TerminalText.Escaped(TruncatedText.Start(clean, limit * 4));
        string line = OnOneLine(start, limit);
        return line.Length <= limit ? line : TruncatedText.Shown(line, limit - 1);
    }

    /// <summary>Cuts out the middle of a long text, which must have no secret anymore.</summary>
    public static string Shorten(string text, int limit)
    {
        if (text.Length <= limit)
        {
            return text;
        }

        int head = TruncatedText.LengthWithin(text, limit / 4 * 3);
        int tail = TruncatedText.StartAfter(text, text.Length - (limit / 4));
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, head)}\n\n… {tail - head:N0} characters are not shown …\n\n{text.AsSpan(tail)}");
    }

    // With single spaces instead of all white space; what follows the limit is not needed.
    private static string OnOneLine(string text, int limit)
    {
        Span<char> line = limit < LongestOnStack ? stackalloc char[LongestOnStack + 1] : new char[limit + 2];
        int length = 0;
        bool isGap = false;
        foreach (char c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                isGap = length > 0;
                continue;
            }

            if (isGap)
            {
                line[length++] = ' ';
                isGap = false;
            }

            line[length++] = c;
            if (length > limit)
            {
                break;
            }
        }

        return text.AsSpan().SequenceEqual(line[..length]) ? text : new string(line[..length]);
    }

    private bool MayFind(string text)
    {
        if (text.Length > LongestOnStack)
        {
            return MayFind(Encoding.UTF8.GetBytes(text));
        }

        Span<byte> bytes = stackalloc byte[LongestOnStack * 3];
        return MayFind(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private bool MayFind(ReadOnlySpan<byte> bytes) => _own.Search.MayFind(bytes) || OfRun?.Search.MayFind(bytes) == true;

    // Whether a form of the text has a secret that is not masked in the text as it is.
    private bool HidesMore(string text, string clean, Func<string, string> form) => Masked(form(text)) is string masked && masked != form(clean);

    private static string WithoutMarks(string markdown)
    {
        if (markdown.AsSpan().IndexOfAny(s_marks) < 0)
        {
            return markdown;
        }

        Span<char> text = markdown.Length <= LongestOnStack ? stackalloc char[LongestOnStack] : new char[markdown.Length];
        int length = 0;
        bool hasEntity = false;
        foreach (char c in markdown)
        {
            if (c is not ('\\' or '*' or '`' or '~' or '\r'))
            {
                text[length++] = c;
                hasEntity |= c == '&';
            }
        }

        string without = new(text[..length]);
        return hasEntity ? WebUtility.HtmlDecode(without) : without;
    }

    private string? Masked(string text) => RedactAll(text) is string clean && clean != text ? clean : null;

    private string RedactAll(string text)
    {
        string clean = _own.Redactor.Redact(text);
        return OfRun is RunSecrets more ? more.Redactor.Redact(clean) : clean;
    }

    private static bool HasInvisible(ReadOnlySpan<byte> line)
    {
        for (int i; (i = line.IndexOfAnyExceptInRange((byte)' ', (byte)'~')) >= 0;)
        {
            Rune.DecodeFromUtf8(line[i..], out Rune rune, out int length);
            if (IsInvisible(rune))
            {
                return true;
            }

            line = line[(i + length)..];
        }

        return false;
    }

    private static string Visible(string text)
    {
        StringBuilder? visible = null;
        int copied = 0;
        int i = 0;
        for (int next; (next = text.AsSpan(i).IndexOfAnyExcept(s_visible)) >= 0;)
        {
            i += next;
            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length);
            if (IsInvisible(rune))
            {
                visible = (visible ?? new StringBuilder(text.Length)).Append(text, copied, i - copied);
                copied = i + length;
            }

            i += length;
        }

        return visible is null ? text : visible.Append(text, copied, text.Length - copied).ToString();
    }

    // Control and format characters, and those that choose a variant of the character before them.
    private static bool IsInvisible(Rune rune) => rune.Value switch
    {
        '\t' or '\n' or (>= ' ' and <= '~') => false,
        (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) => true,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format,
    };
}
