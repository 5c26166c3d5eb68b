using System.Collections;
using Amp.Json;

namespace Amp.Permissions;

/// <summary>
/// Finds the rule that a CLI refers to. CLIs of March 2026 or later add a rule for <c>shell_command</c> next to each rule for <c>Bash</c>
/// and vice versa, name the added rule if it matches, and count it in the position of the rule.
/// </summary>
internal static class RuleExpansion
{
    /// <summary>
    /// Gets the positions of rules that the CLI may refer to, in order. The first one that equals the rule in the CLI's answer is the right
    /// one.
    /// </summary>
    public static IReadOnlyList<int> Candidates(IReadOnlyList<AmpPermission> rules, AmpPermission matched) =>
        [.. Enumerable.Range(0, rules.Count).Where(i => MayBecome(rules[i], matched))];

    public static bool IsSame(AmpPermission rule, AmpPermission matched) =>
        rule.Tool == matched.Tool && IsAlike(rule, matched) && Text(rule, withKeys: true) == Text(matched, withKeys: true);

    // The added rule has another tool and other names of inputs, and is otherwise equal.
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
