using System.Text.Json;
using Amp.Services;

namespace Amp.Plans;

/// <summary>
/// How long the CLI waits for a call of a tool. The CLIs of January to March 2026 give each one up after 300 seconds, whatever the run
/// allows, unless the settings say otherwise; later ones do not know the keys and pass them over.
/// </summary>
internal static class CallLimits
{
    private const string StopKey = "amp.tools.stopTimeout";
    private const string InactivityKey = "amp.tools.inactivityTimeout";

    // The CLIs' own, in seconds, for both.
    private const long Default = 300;

    // Node takes a timer of more than 2^31 - 1 milliseconds for one of no time at all.
    private const long Longest = int.MaxValue / 1000;

    // So that this side, which knows what it stops, is the one that says so.
    private const long Margin = 30;

    /// <summary>The keys that the run has to set; none where the user has said how long a tool may take.</summary>
    public static IEnumerable<string> KeysOf(RunContribution contribution, JsonElement? user)
    {
        if (contribution.LongestCall is null || Has(user, StopKey))
        {
            yield break;
        }

        yield return StopKey;
        if (!Has(user, InactivityKey))
        {
            // The CLI's limit on the silence of a shell command would otherwise become that of tools.
            yield return InactivityKey;
        }
    }

    /// <summary>Writes the values of these keys.</summary>
    public static void Write(Utf8JsonWriter writer, RunContribution contribution, IReadOnlyCollection<string> keys)
    {
        if (keys.Contains(StopKey))
        {
            TimeSpan longest = contribution.LongestCall!.Value;
            writer.WriteNumber(
                StopKey,
                longest <= TimeSpan.Zero ? Longest : Math.Clamp((long)Math.Ceiling(longest.TotalSeconds) + Margin, Default, Longest));
        }

        if (keys.Contains(InactivityKey))
        {
            writer.WriteNumber(InactivityKey, Default);
        }
    }

    private static bool Has(JsonElement? user, string key) => user is not null && user.Value.TryGetProperty(key, out _);
}
