using System.Text.RegularExpressions;

namespace Amp;

/// <summary>A thread feature in a CLI's help.</summary>
/// <param name="Name">The name for options.</param>
/// <param name="Description">The description in the help; empty if there is none.</param>
public sealed partial record CliFeature(string Name, string Description)
{
    /// <summary>Returns the name.</summary>
    public override string ToString() => Name;

    /// <summary>
    /// Reads the features from the option's help: <c>(known: fast, Faster serving; plaid, Ultrafast serving (of one model); ...)</c>. A
    /// description can contain semicolons and parentheses (0.0.1790142911).
    /// </summary>
    internal static IReadOnlyList<CliFeature> ListIn(string description)
    {
        const string Beginning = "(known: ";
        int start = description.IndexOf(Beginning, StringComparison.Ordinal);
        int end = description.LastIndexOf(')');
        if (start < 0 || end < start)
        {
            return [];
        }

        List<CliFeature> result = [];
        foreach (string part in description[(start + Beginning.Length)..end].Split(';', StringSplitOptions.TrimEntries))
        {
            if (FeaturePattern().Match(part) is { Success: true } match)
            {
                result.Add(new CliFeature(match.Groups["name"].Value, match.Groups["description"].Value.Trim()));
            }
            else if (result.Count > 0)
            {
                result[^1] = result[^1] with { Description = $"{result[^1].Description}; {part}" };
            }
        }

        return result;
    }

    [GeneratedRegex(@"^(?<name>[a-z][a-z0-9-]*)(?:$|,(?<description>.*)$)", RegexOptions.CultureInvariant)]
    private static partial Regex FeaturePattern();
}
