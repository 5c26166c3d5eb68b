using System.Globalization;
using System.Text.RegularExpressions;

namespace Amp.Clients.Threads;

/// <summary>Reads the ages that the CLI prints: <c>now</c>, <c>5s ago</c>, <c>2h ago</c>, <c>3mo ago</c>.</summary>
internal static partial class RelativeTime
{
    /// <summary>Gets the latest time that the text can mean; null if it is not an age.</summary>
    /// <param name="text">The text, without surrounding characters.</param>
    /// <param name="now">The time when the CLI wrote it.</param>
    public static DateTimeOffset? Read(string text, DateTimeOffset now)
    {
        if (text == "now")
        {
            return now;
        }

        Match match = Pattern().Match(text);
        if (!match.Success || !long.TryParse(match.Groups["count"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long count))
        {
            return null;
        }

        double seconds = match.Groups["unit"].Value switch
        {
            "s" => count,
            "m" => count * 60.0,
            "h" => count * 3600.0,
            "d" => Days(count),
            "w" => Days(count * 7.0),

            // After four weeks, the CLI counts months of 30 days, and after twelve of these months, years of 365 days, and rounds down: 28
            // days are "0mo ago", 360 days are "0y ago".
            "mo" => Days(Math.Max(28, count * 30.0)),
            _ => Days(Math.Max(360, count * 365.0)),
        };
        return seconds < (now - DateTimeOffset.MinValue).TotalSeconds ? now.AddSeconds(-seconds) : null;
    }

    private static double Days(double days) => days * 86400;

    [GeneratedRegex(@"\A(?<count>[0-9]{1,9})(?<unit>s|m|h|d|w|mo|y) ago\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
