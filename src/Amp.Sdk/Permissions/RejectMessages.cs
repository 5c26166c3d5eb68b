using System.Text.Json;

namespace Amp.Permissions;

/// <summary>
/// The messages of a run's rules for rejected calls. The CLI writes only the message of the rule as the result of the rejected call, so
/// only this text distinguishes the denial from a failed tool (0.0.1767830505 to 0.0.1777897475).
/// </summary>
internal sealed class RejectMessages
{
    private readonly Dictionary<string, List<string>> _toolsByText = new(StringComparer.Ordinal);

    /// <summary>No rule has a message.</summary>
    public static RejectMessages None { get; } = new([], []);

    /// <summary>Collects the messages of the call's rules and of the rules in settings files.</summary>
    public RejectMessages(IEnumerable<AmpPermission> callRules, IEnumerable<JsonElement> settingsRules)
    {
        foreach (AmpPermission rule in callRules)
        {
            Add(rule.Tool, rule.Action == PermissionAction.Reject ? rule.Message : null);
            AddProgram(rule.Tool, rule.Action == PermissionAction.Delegate ? rule.To : null);
        }

        foreach (JsonElement rule in settingsRules.Where(rule => rule.ValueKind == JsonValueKind.Object))
        {
            string? tool = TextOf(rule, "tool");
            Add(tool, SettingsRules.IsReject(rule) ? TextOf(rule, "message") : null);
            AddProgram(tool, SettingsRules.ActionOf(rule) == "delegate" ? TextOf(rule, "to") : null);
        }
    }

    /// <summary>Returns whether a rule that may apply to the tool rejects with exactly this text.</summary>
    /// <param name="tool">The name of the called tool.</param>
    /// <param name="text">The whole text of a failed call's result.</param>
    public bool Explain(string tool, string text) =>
        _toolsByText.TryGetValue(text, out List<string>? patterns) && patterns.Exists(pattern => ToolOverlap.IsPossible(pattern, tool));

    // Node's error for a program that is missing or cannot be executed (0.0.1774310664 to 0.0.1777897475). The call does not run then.
    private void AddProgram(string? tool, string? program)
    {
        if (program is { Length: > 0 })
        {
            Add(tool, $"spawn {program} ENOENT");
            Add(tool, $"spawn {program} EACCES");
        }
    }

    private void Add(string? tool, string? message)
    {
        // The CLI treats an empty message as none and uses its own words.
        if (tool is null || message is not { Length: > 0 })
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
