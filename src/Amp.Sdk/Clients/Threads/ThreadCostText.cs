using System.Globalization;
using System.Text.RegularExpressions;

namespace Amp.Clients.Threads;

/// <summary>Reads the output of <c>threads usage</c>.</summary>
internal static partial class ThreadCostText
{
    /// <summary>Reads an answer; null if its first line has an unknown format.</summary>
    /// <param name="threadId">The ID of the thread.</param>
    /// <param name="text">The standard output of the CLI.</param>
    /// <param name="isInWordsOfService">Whether the CLI passes on a text of the service, as that of September 2026 does. Its format can
    /// vary, and the cost is that of the first line with a single amount.</param>
    public static ThreadCost? Read(string threadId, string text, bool isInWordsOfService)
    {
        string[] lines = TerminalText.Strip(text).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
        {
            return null;
        }

        ThreadCost usage = new()
        {
            ThreadId = threadId,
            Text = string.Join('\n', lines),
            DetailsUrl = lines.Select(line => DetailsPattern().Match(line)).FirstOrDefault(match => match.Success)?.Groups["url"].Value,
        };
        if (lines[0].StartsWith("No usage recorded", StringComparison.Ordinal))
        {
            return usage with { Cost = 0 };
        }

        if (lines[0].StartsWith("Usage information is currently unavailable", StringComparison.Ordinal))
        {
            return usage;
        }

        Match match = CostPattern().Match(lines[0]);
        if (!match.Success)
        {
            return isInWordsOfService ? usage with { Cost = FirstAmount(lines) } : null;
        }

        // "$0.01", "$0.01 (free)" or "$0.01 (free) + $0.02".
        decimal? first = Dollars(match.Groups["first"]);
        if (!match.Groups["free"].Success)
        {
            return usage with { Cost = first };
        }

        decimal? second = match.Groups["second"].Success ? Dollars(match.Groups["second"]) : 0;
        return usage with { Cost = Sum(first, second), FreeCost = first, PaidCost = second };
    }

    private static decimal? FirstAmount(string[] lines) => lines
        .Select(line => AmountPattern().Matches(line))
        .Where(amounts => amounts.Count == 1)
        .Select(amounts => Dollars(amounts[0].Groups["amount"]))
        .FirstOrDefault(amount => amount is not null);

    private static decimal? Sum(decimal? one, decimal? other)
    {
        try
        {
            return one + other;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static decimal? Dollars(Group amount) => amount.Success
        && decimal.TryParse(
            amount.Value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out decimal dollars)
        ? dollars
        : null;

    [GeneratedRegex(
        @"\A(?:Total(?: cost)?: )?\$(?<first>[0-9][0-9,]*(?:\.[0-9]+)?)(?:(?<free> \(free\))(?: \+ \$(?<second>[0-9][0-9,]*(?:\.[0-9]+)?))?)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex CostPattern();

    [GeneratedRegex(@"\$(?<amount>[0-9][0-9,]*(?:\.[0-9]+)?)", RegexOptions.CultureInvariant)]
    private static partial Regex AmountPattern();

    [GeneratedRegex(@"\ADetails: (?<url>https?://\S+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex DetailsPattern();
}
