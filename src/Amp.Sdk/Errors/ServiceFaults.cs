using System.Globalization;
using System.Text.RegularExpressions;

namespace Amp;

/// <summary>
/// Recognizes why the service or the model's provider refused a run, from the error of its result, or from the error of a CLI that ended before it. The CLIs
/// pass on these errors, some of them in their own words. The table lists the words with the builds in which they were seen.
/// </summary>
internal static partial class ServiceFaults
{
    public const string UnreachableAdvice = "Check the network, the proxy settings, and AMP_URL if it is set.";
    public const string QuotaAdvice = "Wait until your quota is renewed, or add credits to your account.";

    private const RegexOptions Matching = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    /// <summary>Gets the error ID; null if the text is none of these errors.</summary>
    /// <param name="error">The error of a result or of the CLI.</param>
    public static string? IdOf(string error) => Quota().IsMatch(error) ? AmpErrorId.QuotaExceeded
        : Overload().IsMatch(error) ? AmpErrorId.Overloaded
        : Throttle().IsMatch(error) ? AmpErrorId.Throttled
        : null;

    /// <summary>Gets the wait time that the text requests; null if there is none.</summary>
    public static TimeSpan? WaitOf(string error)
    {
        if (Wait().Match(error) is not { Success: true } match
            || !double.TryParse(match.Groups["number"].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            return null;
        }

        return match.Groups["unit"].Value.ToLowerInvariant() switch
        {
            "ms" or "millisecond" => TimeSpan.FromMilliseconds(Math.Min(number, 1_000_000_000)),
            "m" or "min" or "minute" => TimeSpan.FromMinutes(Math.Min(number, 100_000)),
            "h" or "hour" => TimeSpan.FromHours(Math.Min(number, 1000)),
            _ => TimeSpan.FromSeconds(Math.Min(number, 1_000_000)),
        };
    }

    // "Out of credits" (0.0.1777897475); "You've exceeded your usage quota of $10 per day. Your quota will reset in 3 hours." and "...
    // usage limit of ..." (0.0.1767830505 to 0.0.1777897475); "You've reached the usage limit for 'free' mode" (0.0.1767830505,
    // 0.0.1774310664); "You've reached your free usage limit" (0.0.1777897475).
    [GeneratedRegex(@"\bout of credits\b|\busage quota of\b|\busage limit (?:of|for)\b|\bfree usage limit\b|\binsufficient[ _](?:credits?|quota|balance)\b", Matching)]
    private static partial Regex Quota();

    // "Model Provider Overloaded Try again in a few seconds." (0.0.1774310664, 0.0.1790142911), "Model provider overloaded. ..."
    // (0.0.1767830505); for everything else, a status and the provider's answer: "503 {"type":"error", ...".
    [GeneratedRegex(@"overloaded|^(?:503|529)\b", Matching)]
    private static partial Regex Overload();

    // The words by which the CLIs themselves recognize a rate limit (0.0.1774310664, 0.0.1777897475).
    [GeneratedRegex(@"\b429\b|resource_exhausted|\brate[ _-]?limit|\btoo many requests\b", Matching)]
    private static partial Regex Throttle();

    [GeneratedRegex(@"\b(?:in|after)\s+(?<number>[0-9]+(?:\.[0-9]+)?)\s*(?<unit>ms|millisecond|minute|min|hour|second|sec|s|m|h)s?\b", Matching)]
    private static partial Regex Wait();
}
