using System.Text.Json;
using Amp.Settings;

namespace Amp.Permissions;

/// <summary>
/// The messages of the reject rules that hold for a run. Where a rule has one, the CLI writes it alone as the result of the rejected
/// call, so nothing but the text tells the denial from a tool that failed (0.0.1767830505 to 0.0.1774310664).
/// </summary>
internal sealed class RejectMessages
{
    private readonly Dictionary<string, List<string>> _toolsByText = new(StringComparer.Ordinal);

    /// <summary>No rule has a message.</summary>
    public static RejectMessages None { get; } = new([], []);

    /// <summary>Takes the messages of the call's rules and of those that stand in settings files.</summary>
    public RejectMessages(IEnumerable<Permission> callRules, IEnumerable<JsonElement> settingsRules)
    {
        foreach (Permission rule in callRules)
        {
            Add(rule.Tool, rule.Action == PermissionAction.Reject, rule.Message);
        }

        foreach (JsonElement rule in settingsRules.Where(rule => rule.ValueKind == JsonValueKind.Object))
        {
            Add(TextOf(rule, "tool"), SettingsRules.IsReject(rule), TextOf(rule, "message"));
        }
    }

    /// <summary>Whether a rule that can be about the tool rejects with exactly this text.</summary>
    /// <param name="tool">The tool that was called.</param>
    /// <param name="text">The whole text of a failed call's result.</param>
    public bool Explain(string tool, string text) =>
        _toolsByText.TryGetValue(text, out List<string>? patterns) && patterns.Exists(pattern => ToolOverlap.IsPossible(pattern, tool));

    private void Add(string? tool, bool isReject, string? message)
    {
        // The CLI takes an empty message for none and says its own words.
        if (tool is null || !isReject || message is not { Length: > 0 })
        {
            return;
        }

        if (!_toolsByText.TryGetValue(message, out List<string>? patterns))
        {
            _toolsByText.Add(message, patterns = []);
        }

        patterns.Add(tool);
    }

    private static string? TextOf(JsonElement rule, string name) =>
        rule.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
