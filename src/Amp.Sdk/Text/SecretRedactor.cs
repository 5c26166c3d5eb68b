using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace Amp.Text;

/// <summary>Removes secrets from text before it is shown, stored or thrown: known values, and patterns of secrets.</summary>
internal sealed partial class SecretRedactor
{
    private const string Mask = "***";

    // Shorter values would be found inside ordinary words.
    private const int ShortestSecret = 6;

    // Tools return JSON whose strings are JSON again, and each level escapes the escapes of the previous one.
    private const int NestedJson = 2;

    private static readonly string[] s_secretNames = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"];

    private readonly string[] _values;
    private readonly string[] _nested;

    /// <summary>Removes only patterns of secrets, for text without known secrets.</summary>
    public static SecretRedactor Patterns { get; } = new(new Dictionary<string, string>(), []);

    public SecretRedactor(IReadOnlyDictionary<string, string> environment, IEnumerable<string> secrets)
    {
        // Text is checked line by line, so each line of a value counts; longest first, because one may be part of another.
        IEnumerable<string> values = environment
            .Where(variable => IsSecretName(variable.Key))
            .Select(variable => variable.Value)
            .Concat(secrets)
            .SelectMany(value => value.Split('\n', StringSplitOptions.TrimEntries))
            .Where(value => value.Length >= ShortestSecret)
            .SelectMany(value => (string[])[value, Uri.EscapeDataString(value)]);
        for (int i = 0; i < NestedJson; i++)
        {
            values = values.SelectMany(WithEscaped);
        }

        _values = Sorted(values);
        _nested = Sorted(_values.SelectMany(WithEscaped));
    }

    /// <summary>Returns whether a variable of this name probably contains a secret.</summary>
    public static bool IsSecretName(string name) =>
        Array.Exists(s_secretNames, part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>Creates the search for what <see cref="Redact"/> would remove from the strings of a JSON line.</summary>
    public SecretSearch ToSearch() => new(_nested);

    public string Redact(string text)
    {
        foreach (string value in _values)
        {
            text = text.Replace(value, Mask, StringComparison.Ordinal);
        }

        return SecretPattern().Replace(text, match => match.Groups["keep"].Value + Mask);
    }

    // As inside a JSON string, with two ways of escaping.
    private static string[] WithEscaped(string value) => [value, JavaScriptEncoder.Default.Encode(value), JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value)];

    private static string[] Sorted(IEnumerable<string> values) =>
        [.. values.Distinct(StringComparer.Ordinal).OrderByDescending(value => value.Length)];

    // Login URLs, bearer headers, assignments of the key in shell and JSON form, and Amp's own token form.
    [GeneratedRegex(
        """(?<keep>authToken=|Bearer\s+|AMP_API_KEY["']?\s*[=:]\s*["']?)[^\s"'&]+|\bsgamp_[A-Za-z0-9_-]+""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretPattern();
}
