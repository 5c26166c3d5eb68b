using System.Text.RegularExpressions;

namespace Amp;

/// <summary>A thread feature that a CLI's help names.</summary>
/// <param name="Name">Its name, as options take it.</param>
/// <param name="Description">What the help says of it; empty where that is nothing.</param>
public sealed partial record CliFeature(string Name, string Description)
{
    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>
    /// Reads them out of what the help says of its option: <c>(known: fast, Faster serving; plaid, Ultrafast serving (of one model); ...)</c>.
    /// A description may have semicolons and parentheses of its own (0.0.1790142911).
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
