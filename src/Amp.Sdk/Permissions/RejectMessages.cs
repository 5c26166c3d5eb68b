using System.Text.Json;

namespace Amp.Permissions;

/// <summary>
/// What the rules that hold for a run say when they reject. The CLI writes the message of a rule alone as the result of the rejected
/// call, so nothing but the text tells the denial from a tool that failed (0.0.1767830505 to 0.0.1777897475).
/// </summary>
internal sealed class RejectMessages
{
    private readonly Dictionary<string, List<string>> _toolsByText = new(StringComparer.Ordinal);

    /// <summary>No rule has a message.</summary>
    public static RejectMessages None { get; } = new([], []);

    /// <summary>Takes the messages of the call's rules and of those that stand in settings files.</summary>
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

    /// <summary>Whether a rule that can be about the tool rejects with exactly this text.</summary>
    /// <param name="tool">The tool that was called.</param>
    /// <param name="text">The whole text of a failed call's result.</param>
    public bool Explain(string tool, string text) =>
        _toolsByText.TryGetValue(text, out List<string>? patterns) && patterns.Exists(pattern => ToolOverlap.IsPossible(pattern, tool));

    // What Node says of a program that is missing or cannot be executed (0.0.1774310664 to 0.0.1777897475): the call does not run then.
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
        // The CLI takes an empty message for none and says its own words.
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
