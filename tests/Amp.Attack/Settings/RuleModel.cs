namespace Amp.Attack.Settings;

/// <summary>A rule that the CLI can read.</summary>
/// <param name="Tool">The tool, or a pattern of tools.</param>
/// <param name="Action">What becomes of a call.</param>
internal sealed record RuleModel(string Tool, string Action)
{
    public static RuleModel? Of(Dictionary<string, object?> rule) =>
        rule.GetValueOrDefault("tool") is string tool && rule.GetValueOrDefault("action") is string action && action is "allow" or "ask" or "reject" or "delegate"
            ? new RuleModel(tool, action)
            : null;

    public bool IsAbout(string tool) => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(Tool.Replace("\\", "\\\\", StringComparison.Ordinal), tool);
}
