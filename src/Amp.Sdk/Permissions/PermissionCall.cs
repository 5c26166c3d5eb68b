using System.Collections;
using System.Collections.Specialized;

namespace Amp.Permissions;

/// <summary>
/// A tool call to test, in the format of the CLIs' <c>permissions test</c>: only names and strings. A string that begins with two dashes
/// would be treated as a name, and an empty one would be omitted.
/// </summary>
internal sealed class PermissionCall
{
    private const string OptionName = "Argument";

    private readonly List<string> _untold = [];

    private PermissionCall(string tool) => Tool = tool;

    public string Tool { get; }

    public OrderedDictionary Argument { get; } = new(StringComparer.Ordinal);

    /// <summary>The arguments of the command.</summary>
    public List<string> Words { get; } = [];

    /// <exception cref="AmpValidationException">A value cannot be passed to the CLI.</exception>
    public static PermissionCall Of(string tool, IDictionary? argument)
    {
        if (string.IsNullOrWhiteSpace(tool) || tool.StartsWith('-') || tool.Any(char.IsControl))
        {
            throw new AmpValidationException(
                string.IsNullOrWhiteSpace(tool) ? "No tool is named." : $"'{TerminalText.Strip(tool)}' is not a valid tool name.",
                nameof(PermissionDecision.Tool),
                "Name one tool, such as Bash. Patterns are for rules.",
                tool);
        }

        PermissionCall call = new(tool);
        foreach (DictionaryEntry entry in argument ?? new OrderedDictionary())
        {
            call.Add(entry.Key as string, entry.Value);
        }

        return call;
    }

    /// <summary>
    /// Refuses inputs that cannot be passed to the CLI and that a rule uses. Other inputs can be omitted, because the same rule matches
    /// without them.
    /// </summary>
    /// <exception cref="AmpValidationException">A rule uses such an input.</exception>
    public void RefuseUntold(IEnumerable<AmpPermission> rules)
    {
        foreach (AmpPermission rule in _untold.Count == 0 ? [] : rules)
        {
            string? seen = rule.Action == PermissionAction.Delegate
                ? _untold[0]
                : _untold.Find(name => rule.Matches?.Keys.Cast<string>().Any(key => key == name || key.StartsWith(name + ".", StringComparison.Ordinal)) == true);
            if (seen is not null)
            {
                throw new AmpValidationException(
                    $"The input '{TerminalText.Strip(seen)}' is not a string, and the CLI can test strings only. The rule {rule} would see it in a run.",
                    OptionName,
                    "Omit the input, or try the rule in a run.",
                    seen);
            }
        }
    }

    public bool HasUntold => _untold.Count > 0;

    private void Add(string? name, object? value)
    {
        string shown = TerminalText.Strip(name ?? string.Empty);
        if (string.IsNullOrEmpty(name) || name == "__proto__")
        {
            throw Refuse($"'{shown}' is not a valid input name.", "Name inputs as the tool does.");
        }

        MatchText.Check(name, OptionName, "The name of an input");
        Argument[name] = value;
        switch (value)
        {
            case string { Length: 0 }:
                throw Refuse($"The input '{shown}' is empty, which the CLI cannot test.", "Omit it, or give a string.");
            case string text when text.StartsWith("--", StringComparison.Ordinal):
                throw Refuse(
                    $"The input '{shown}' begins with two dashes; the CLI would read it as the name of another input.",
                    "Try the rule in a run, or with a string that begins differently.");
            case string text:
                MatchText.Check(text, OptionName, $"The input '{shown}'");
                Words.Add("--" + name);
                Words.Add(text);
                break;
            default:
                _untold.Add(name);
                break;
        }
    }

    private static AmpValidationException Refuse(string message, string wayOut) => new(message, OptionName, wayOut);
}
