using System.Collections;
using Amp.Json;

namespace Amp.Permissions;

/// <summary>
/// Finds the rule that a CLI means. The CLIs from March 2026 on put a rule for <c>shell_command</c> beside each for <c>Bash</c> and the
/// other way round, name that one if it has matched, and count it when they tell the rule's place.
/// </summary>
internal static class RuleExpansion
{
    /// <summary>The places of rules that the CLI may mean, in order; the first one does, where it is equal to what the CLI names.</summary>
    public static IReadOnlyList<int> Candidates(IReadOnlyList<AmpPermission> rules, AmpPermission matched) =>
        [.. Enumerable.Range(0, rules.Count).Where(i => MayBecome(rules[i], matched))];

    public static bool IsSame(AmpPermission rule, AmpPermission matched) =>
        rule.Tool == matched.Tool && IsAlike(rule, matched) && Text(rule, withKeys: true) == Text(matched, withKeys: true);

    // What is put beside a rule has another tool and other names of inputs, and the same of everything else.
    private static bool MayBecome(AmpPermission rule, AmpPermission matched) =>
        IsAlike(rule, matched) && Text(rule, withKeys: false) == Text(matched, withKeys: false);

    private static bool IsAlike(AmpPermission rule, AmpPermission matched) =>
        rule.Action == matched.Action && rule.Context == matched.Context && rule.To == matched.To && rule.Message == matched.Message;

    private static string Text(AmpPermission rule, bool withKeys)
    {
        using MemoryStream bytes = new();
        using (System.Text.Json.Utf8JsonWriter writer = new(bytes))
        {
            writer.WriteStartArray();
            foreach (DictionaryEntry entry in rule.Matches ?? [])
            {
                if (withKeys)
                {
                    writer.WriteStringValue((string)entry.Key);
                }

                PlainJson.Write(writer, entry.Value);
            }

            writer.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }
}
