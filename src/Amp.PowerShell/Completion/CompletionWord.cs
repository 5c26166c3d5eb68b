using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;
using System.Text.RegularExpressions;

namespace Amp.PowerShell.Completion;

/// <summary>
/// The word that is being typed, and the text that completes it. The completed command line must be correct, and a name that someone else
/// chose must reach the terminal and the parser only as a name.
/// </summary>
internal sealed partial class CompletionWord
{
    private const string SingleQuotes = "'\u2018\u2019\u201a\u201b";
    private const string DoubleQuotes = "\"\u201c\u201d\u201e";
    private const int LongestValue = 300;
    private const int LongestTitle = 40;
    private const int LongestDescription = 200;

    private readonly string _text;
    private readonly bool _isQuoted;
    private readonly bool _takesWildcards;

    private CompletionWord(string text, bool isQuoted, bool takesWildcards)
    {
        _text = text;
        _isQuoted = isQuoted;
        _takesWildcards = takesWildcards;
    }

    /// <summary>Reads the word at the cursor, with or without an opening quote.</summary>
    public static CompletionWord Of(string? typed, bool takesWildcards)
    {
        string text = typed ?? string.Empty;
        bool isQuoted = text.Length > 0 && (SingleQuotes + DoubleQuotes).Contains(text[0], StringComparison.Ordinal);
        if (isQuoted)
        {
            string quotes = SingleQuotes.Contains(text[0], StringComparison.Ordinal) ? SingleQuotes : DoubleQuotes;
            text = text[1..];
            text = text.Length > 0 && quotes.Contains(text[^1], StringComparison.Ordinal) ? text[..^1] : text;
            text = text.Replace("''", "'", StringComparison.Ordinal);
        }

        return new CompletionWord(takesWildcards ? WildcardPattern.Unescape(text) : text, isQuoted, takesWildcards);
    }

    /// <summary>Returns whether a candidate matches: its value begins with the word, or its title contains it.</summary>
    public bool Matches(Candidate candidate) =>
        IsName(candidate.Value)
        && (_text.Length == 0
            || candidate.Value.StartsWith(_text, StringComparison.OrdinalIgnoreCase)
            || Shown(candidate.Title, LongestDescription).Contains(_text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Creates the completion for a candidate.</summary>
    public CompletionResult Offer(Candidate candidate)
    {
        string value = _takesWildcards ? BracketPattern().Replace(candidate.Value, "`$0") : candidate.Value;
        string text = !_isQuoted && BarePattern().IsMatch(value) ? value : $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'";
        string title = Shown(candidate.Title, LongestTitle);
        string description = Shown(candidate.Description, LongestDescription);
        return new CompletionResult(
            text,
            title.Length == 0 ? candidate.Value : $"{Beginning(candidate.Value)} {title}",
            CompletionResultType.ParameterValue,
            description.Length == 0 ? candidate.Value : description);
    }

    // The beginning of a thread ID is sufficient to distinguish it.
    private static string Beginning(string value) => value.Length <= 12 ? value : value[..10] + "…";

    // A line break or an invisible character must not be inserted into a command line.
    private static bool IsName(string value)
    {
        if (value.Length is 0 or > LongestValue || string.IsNullOrWhiteSpace(value))
        {
            return false;
        }

        for (int i = 0; i < value.Length; i++)
        {
            UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(value, i);
            if (IsHidden(category))
            {
                return false;
            }

            i += char.IsSurrogatePair(value, i) ? 1 : 0;
        }

        return true;
    }

    private static string Shown(string? text, int limit)
    {
        StringBuilder line = new();
        foreach (Rune rune in TerminalText.Strip(text ?? string.Empty).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                line.Append(line.Length > 0 && line[^1] != ' ' ? " " : string.Empty);
            }
            else if (!IsHidden(Rune.GetUnicodeCategory(rune)) && rune != Rune.ReplacementChar)
            {
                line.Append(rune.ToString());
            }

            if (line.Length >= limit)
            {
                return line.ToString().TrimEnd() + "…";
            }
        }

        return line.ToString().TrimEnd();
    }

    private static bool IsHidden(UnicodeCategory category) => category
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    // Text that the parser always treats as one word, whatever follows: not a number with a suffix, a parameter or an expression.
    [GeneratedRegex(@"\A(?:[A-Za-z_*][A-Za-z0-9_.*/:-]*|[0-9]{1,9})\z", RegexOptions.CultureInvariant)]
    private static partial Regex BarePattern();

    [GeneratedRegex(@"[\[\]`]", RegexOptions.CultureInvariant)]
    private static partial Regex BracketPattern();
}
