using System.Text.RegularExpressions;

namespace Amp.Text;

/// <summary>Removes secrets from text before it is shown, stored or thrown: known values, and patterns of secrets.</summary>
internal sealed partial class SecretRedactor
{
    private const string Mask = "***";

    // Shorter values would be found inside ordinary words.
    private const int ShortestSecret = 6;

    private static readonly string[] s_secretNames = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"];

    private readonly string[] _values;
    private readonly EscapedSecrets _escaped;

    /// <summary>Removes only patterns of secrets, for text without known secrets.</summary>
    public static SecretRedactor Patterns { get; } = new(new Dictionary<string, string>(), []);

    public SecretRedactor(IReadOnlyDictionary<string, string> environment, IEnumerable<string> secrets)
    {
        // Text is checked line by line, so each line of a value counts; longest first, because one may be part of another.
        _values =
        [
            .. environment
                .Where(variable => IsSecret(variable.Key, variable.Value))
                .Select(variable => variable.Value)
                .Concat(secrets)
                .SelectMany(value => value.Split('\n', StringSplitOptions.TrimEntries))
                .Where(value => value.Length >= ShortestSecret)
                .SelectMany(Spellings)
                .Distinct(StringComparer.Ordinal)
                .OrderByDescending(value => value.Length),
        ];
        _escaped = new EscapedSecrets(_values);
    }

    /// <summary>Returns whether a variable of this name probably contains a secret.</summary>
    public static bool IsSecretName(string name) =>
        Array.Exists(s_secretNames, part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>Returns whether a variable probably contains a secret. A number of tokens, such as <c>MAX_THINKING_TOKENS</c>, is a limit.</summary>
    public static bool IsSecret(string name, string value) =>
        IsSecretName(name) && !(name.Contains("TOKENS", StringComparison.OrdinalIgnoreCase) && value.All(char.IsAsciiDigit));

    /// <summary>Creates the search for what <see cref="Redact"/> would remove from the strings of a JSON line.</summary>
    public SecretSearch ToSearch() => new(_values);

    /// <summary>Returns whether a text is a known secret as a whole.</summary>
    public bool IsKnown(string text) => Array.IndexOf(_values, text) >= 0;

    public string Redact(string text)
    {
        // First: a secret with escapes can have another one inside it, and never the other way round.
        text = _escaped.Redact(text, Mask);
        foreach (string value in _values)
        {
            text = text.Replace(value, Mask, StringComparison.Ordinal);
        }

        return SecretPattern().Replace(text, match => match.Groups["keep"].Value + Mask);
    }

    // HttpUtility of .NET and other encoders write %2f instead of %2F.
    private static string[] Spellings(string value)
    {
        string escaped = Uri.EscapeDataString(value);
        return escaped.Length == value.Length ? [value] : [value, escaped, EscapePattern().Replace(escaped, match => match.Value.ToLowerInvariant())];
    }

    [GeneratedRegex("%[0-9A-F]{2}")]
    private static partial Regex EscapePattern();

    // Login URLs, bearer headers, assignments of the key in shell and JSON form (also inside a JSON string), and Amp's own token form.
    [GeneratedRegex(
        """(?<keep>authToken=|Bearer\s+|AMP_API_KEY\\*["']?\s*[=:]\s*\\*["']?)[^\s"'&]+|\bsgamp_[A-Za-z0-9_-]+""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretPattern();
}
