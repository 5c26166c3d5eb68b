using System.ComponentModel;
using System.Text.Json;

namespace Amp.PowerShell.Formatting;

/// <summary>The texts behind the views of rules. A workspace's rules are somebody else's: no control sequence of theirs reaches the console.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class PermissionView
{
    /// <summary>The tools of a rule.</summary>
    public static string Tool(Permission rule) => TerminalText.Strip(Checked(rule).Tool);

    /// <summary>What a call must look like, as JSON.</summary>
    public static string Matches(Permission rule)
    {
        using JsonDocument json = JsonDocument.Parse(Checked(rule).ToJson());
        return json.RootElement.TryGetProperty("matches", out JsonElement matches) ? TerminalText.Strip(matches.GetRawText()) : string.Empty;
    }

    /// <summary>The rule that a call is judged by, as JSON.</summary>
    public static string Rule(PermissionDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return decision.Rule is null ? string.Empty : TerminalText.Strip(decision.Rule.ToJson());
    }

    private static Permission Checked(Permission rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return rule;
    }
}
