using System.Text.Json;
using Amp.Services;

namespace Amp.Plans;

/// <summary>
/// The time limits of the CLI for a tool call. CLIs of January to March 2026 give up after 300 seconds, whatever the limits of the run,
/// unless the settings contain other values; later ones ignore these keys.
/// </summary>
internal static class CallLimits
{
    private const string StopKey = "amp.tools.stopTimeout";
    private const string InactivityKey = "amp.tools.inactivityTimeout";

    // The CLIs' own limit for both, in seconds.
    private const long Default = 300;

    // Node treats a timer of more than 2^31 - 1 milliseconds as one of zero.
    private const long Longest = int.MaxValue / 1000;

    // So that this process, which knows what it stops, reports it.
    private const long Margin = 30;

    /// <summary>Gets the keys that the run must set; none if the user has set the time limit for tools.</summary>
    public static IEnumerable<string> KeysOf(RunContribution contribution, JsonElement? user)
    {
        if (contribution.LongestCall is null || Has(user, StopKey))
        {
            yield break;
        }

        yield return StopKey;
        if (!Has(user, InactivityKey))
        {
            // Otherwise, the CLI's limit on the silence of a shell command would apply to tools.
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
