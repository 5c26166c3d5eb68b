using System.Collections.ObjectModel;
using Amp.Text;

namespace Amp.Mcp;

/// <summary>Checks the parts of an MCP server. No message contains a value that may be a secret.</summary>
internal static class McpCheck
{
    private const int LongestName = 64;
    private const string HeaderNameMarks = "!#$%&'*+-.^_`|~";

    public static void Name(string? name)
    {
        if (string.IsNullOrEmpty(name)
            || name.Length > LongestName
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new AmpValidationException(
                string.IsNullOrEmpty(name)
                    ? "The MCP server has no name."
                    : name.Length > LongestName
                        ? $"The name of the MCP server has {name.Length} characters."
                        : $"'{TerminalText.Strip(name)}' is not a valid MCP server name.",
                nameof(McpServer.Name),
                $"Give 1 to {LongestName} letters, digits, hyphens, underscores and dots: its tools are named after it.",
                name);
        }
    }

    public static void Command(string? command)
    {
        const string OptionName = nameof(McpStdioServer.Command);
        Text(command, OptionName);
        if (command!.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || command.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            // Not shown, because URLs can contain keys.
            throw new AmpValidationException(
                "The command of the MCP server is a URL, not a program.", OptionName, "Give it as the URL of the server.");
        }

        int blank = command!.IndexOf(' ', StringComparison.Ordinal);
        if (blank > 0 && command.AsSpan(0, blank).IndexOfAny('/', '\\') < 0 && !File.Exists(command))
        {
            throw new AmpValidationException(
                $"The command '{command[..blank]} ...' contains arguments; the CLI would look for a program with that whole name.",
                OptionName,
                "Give only the program, and its arguments separately.");
        }
    }

    public static IReadOnlyList<string> Arguments(IEnumerable<string>? arguments)
    {
        const string OptionName = nameof(McpStdioServer.Arguments);
        List<string> result = [];
        foreach (string? argument in arguments ?? [])
        {
            string place = $"Argument {result.Count + 1} of the MCP server";
            if (argument is null)
            {
                throw new AmpValidationException($"{place} is null.", OptionName, "Give a string, or omit it.");
            }

            Characters(argument, OptionName, place);
            result.Add(argument);
        }

        return result.AsReadOnly();
    }

    public static IReadOnlyDictionary<string, SecretText> Secrets(
        IEnumerable<KeyValuePair<string, SecretText>>? given, string optionName, StringComparer comparer, Action<string, SecretText> check)
    {
        Dictionary<string, SecretText> result = new(comparer);
        foreach ((string name, SecretText value) in given ?? [])
        {
            if (value is null)
            {
                throw new AmpValidationException(
                    $"{optionName} has no value for '{TerminalText.Strip(name)}'.", optionName, "Give a string, or omit it.");
            }

            check(name, value);
            if (!result.TryAdd(name, value))
            {
                throw new AmpValidationException($"{optionName} has '{name}' twice.", optionName, "Give it once.");
            }
        }

        return new ReadOnlyDictionary<string, SecretText>(result);
    }

    public static void Variable(string name, SecretText value)
    {
        const string OptionName = nameof(McpStdioServer.Environment);
        if (string.IsNullOrEmpty(name) || name.Any(c => c == '=' || char.IsControl(c)))
        {
            throw new AmpValidationException(
                $"'{TerminalText.Strip(name ?? string.Empty)}' is not a valid environment variable name.",
                OptionName,
                "A name has at least one character, and neither '=' nor control characters.");
        }

        Secret(value, OptionName, $"The value of the variable '{name}'");
    }

    public static void Header(string name, SecretText value)
    {
        const string OptionName = nameof(McpHttpServer.Headers);
        if (string.IsNullOrEmpty(name)
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || HeaderNameMarks.Contains(c, StringComparison.Ordinal)))
        {
            throw new AmpValidationException(
                $"'{TerminalText.Strip(name ?? string.Empty)}' is not a valid HTTP header name.",
                OptionName,
                "Use letters, digits and hyphens; no colon and no space.");
        }

        string text = value.Reveal();
        if (text.Any(c => (char.IsControl(c) && c != '\t') || c > '\u00ff'))
        {
            throw new AmpValidationException(
                $"The value of the header '{name}' has a line end, a control character, or a character above U+00FF, which headers cannot have.",
                OptionName,
                "Remove it. A line end is often included when a secret is read from a file.");
        }
    }

    /// <summary>Gets the value of a header and, for <c>Bearer TOKEN</c>, also the token alone.</summary>
    public static IEnumerable<string> HeaderSecrets(string value)
    {
        yield return value;
        int blank = value.IndexOf(' ', StringComparison.Ordinal);
        if (blank > 0)
        {
            yield return value[(blank + 1)..].Trim();
        }
    }

    /// <summary>Gets the names that suggest a secret and whose values are literal.</summary>
    public static IReadOnlyList<string> LiteralSecrets(IReadOnlyDictionary<string, SecretText> values) =>
    [
        .. values
            .Where(entry => (entry.Value.IsSecure || IsSecretName(entry.Key)) && IsLiteral(entry.Value.Reveal()))
            .Select(entry => entry.Key)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Returns whether a value is literal, and not a reference to a variable that the CLI inserts.</summary>
    public static bool IsLiteral(string value) => value.Length > 0 && !value.Contains("${", StringComparison.Ordinal);

    private static bool IsSecretName(string name) =>
        SecretRedactor.IsSecretName(name)
        || name.Equals("Cookie", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("Authorization", StringComparison.OrdinalIgnoreCase);

    public static void Secret(SecretText value, string optionName, string place) => Characters(value.Reveal(), optionName, place);

    public static IReadOnlyList<string> Scopes(IEnumerable<string>? scopes, string optionName)
    {
        List<string> result = [];
        foreach (string scope in scopes ?? [])
        {
            result.Add(Text(scope, optionName));
            if (scope.Any(char.IsWhiteSpace))
            {
                throw new AmpValidationException(
                    $"The scope '{scope}' contains white space.", optionName, "Give each scope separately.", scope);
            }
        }

        return result.AsReadOnly();
    }

    public static string? OptionalText(string? text, string optionName) => text is null ? null : Text(text, optionName);

    /// <summary>Refuses a text that is empty or contains control characters.</summary>
    public static string Text(string? text, string optionName)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new AmpValidationException($"{optionName} of the MCP server is missing or empty.", optionName, "Give it a value.");
        }

        if (text.Any(char.IsControl))
        {
            throw new AmpValidationException(
                $"{optionName} of the MCP server has a NUL or another control character.", optionName, "Remove it.");
        }

        Characters(text, optionName, optionName);
        return text;
    }

    private static void Characters(string text, string optionName, string place)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new AmpValidationException(
                $"{place} has a NUL character, where the system would cut it off.", optionName, "Remove it.");
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                throw new AmpValidationException(
                    $"{place} has an incomplete character at position {i + 1}.",
                    optionName,
                    "Give complete characters: the text was cut in the middle of one.");
            }
        }
    }
}
