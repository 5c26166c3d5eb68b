using System.Collections;
using System.Text;
using Amp.Text;

namespace Amp.Reports;

/// <summary>Makes the texts of a report safe to show: secrets become a mask, and characters that hide or reorder text become visible.</summary>
internal sealed class ReportText
{
    private readonly SecretRedactor _redactor;
    private readonly SecretSearch _search;
    private bool _mayHaveSecrets = true;

    public ReportText()
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value ?? string.Empty;
        }

        _redactor = new SecretRedactor(variables, []);
        _search = _redactor.ToSearch();
    }

    /// <summary>What a run knew of its secrets; null for nothing.</summary>
    public SecretRedactor? OfRun { get; set; }

    /// <summary>
    /// Looks once at the line of the message whose texts follow, because most lines have no secret. An escaped character may stand in the middle of one.
    /// </summary>
    public void Follow(StreamMessage? message)
    {
        _mayHaveSecrets = message is null || OfRun is not null || message.Line.IndexOf("\\u"u8) >= 0 || _search.MayFind(message.Line);
    }

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

        // A control sequence inside a secret would hide it from the search.
        string stripped = TerminalText.Strip(text);
        string clean = RedactAll(stripped);
        return ReferenceEquals(clean, stripped) || clean == stripped ? text : clean;
    }

    /// <summary>Removes secrets, and writes hidden characters as <c>\uXXXX</c>.</summary>
    public string Clean(string text) => TerminalText.Escaped(Redact(text));

    /// <summary>The same, on one line and not longer than a limit.</summary>
    public string CleanLine(string text, int limit)
    {
        // The rest of a huge text is neither searched nor shown.
        string start = text.Length > limit * 4 ? text[..(limit * 4)] : text;
        string line = string.Join(' ', Clean(start).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= limit ? line : string.Concat(line.AsSpan(0, EndAt(line, limit - 1)), "…");
    }

    /// <summary>Cuts out the middle of a long text.</summary>
    public static string Shorten(string text, int limit)
    {
        if (text.Length <= limit)
        {
            return text;
        }

        int head = EndAt(text, limit / 4 * 3);
        int tail = text.Length - (limit / 4);
        tail += char.IsLowSurrogate(text[tail]) ? 1 : 0;
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{text.AsSpan(0, head)}\n\n… {tail - head:N0} characters are not shown …\n\n{text.AsSpan(tail)}");
    }

    private static int EndAt(string text, int length) => length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;

    private string RedactAll(string text)
    {
        string clean = _redactor.Redact(text);
        return OfRun is SecretRedactor more ? more.Redact(clean) : clean;
    }
}
