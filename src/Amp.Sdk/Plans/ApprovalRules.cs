using System.Text.Json;
using Amp.Permissions;

namespace Amp.Plans;

/// <summary>Creates the settings of a run in which the caller is asked about tool calls.</summary>
internal static class ApprovalRules
{
    /// <summary>The key of the setting that allows every call before a rule is evaluated.</summary>
    public const string AllowAllKey = "amp.dangerouslyAllowAll";

    private const int MostNamed = 5;

    /// <summary>Returns whether settings contain the setting that allows every call.</summary>
    public static bool HaveAllowAll(JsonElement? settings) => settings?.TryGetProperty(AllowAllKey, out _) == true;

    /// <summary>Returns whether settings allow every call.</summary>
    public static bool AllowAll(JsonElement? settings) =>
        settings?.TryGetProperty(AllowAllKey, out JsonElement allowsAll) == true && allowsAll.ValueKind != JsonValueKind.False;

    /// <summary>Refuses a workspace that allows every call, because its settings override those that the CLI gets.</summary>
    /// <param name="file">The workspace's settings file, if there is one.</param>
    /// <param name="settings">The items.</param>
    /// <param name="optionName">The option that would have no effect.</param>
    /// <exception cref="AmpValidationException">Nobody would be asked, and nothing rejected.</exception>
    public static void RefuseAllowAll(string? file, JsonElement? settings, string optionName)
    {
        if (AllowAll(settings))
        {
            throw new AmpValidationException(
                $"The settings of the project in '{file}' set {AllowAllKey}: the CLI would run every tool, and neither ask nor reject.",
                optionName,
                "Remove the setting from the file, or work in another folder.",
                file);
        }
    }

    /// <summary>
    /// Gets a warning about the workspace's rules, which the CLI applies before those that it gets (2026-01-08 to 2026-03-24); null for
    /// none.
    /// </summary>
    public static string? Warning(string? file, IEnumerable<JsonElement> rules) =>
        Warning(file, rules, _ => true, "decide about calls of these tools before an approval is requested");

    /// <summary>
    /// Refuses a workspace whose settings decide about calls before a rule that may reject them: with the setting that allows all calls, or
    /// with its own rule. A project can never allow what its user rejects.
    /// </summary>
    /// <param name="file">The workspace's settings file, if there is one.</param>
    /// <param name="settings">The items.</param>
    /// <param name="rules">The rules of the workspace.</param>
    /// <param name="rejected">The tools, or patterns of tools, that may be rejected.</param>
    /// <param name="optionName">The option that would have no effect.</param>
    /// <exception cref="AmpValidationException">A call that may be rejected could be made.</exception>
    public static void RefuseOverruled(
        string? file, JsonElement? settings, IEnumerable<JsonElement> rules, IEnumerable<string> rejected, string optionName)
    {
        string[] patterns = [.. rejected];
        if (patterns.Length == 0)
        {
            return;
        }

        RefuseAllowAll(file, settings, optionName);
        if (Named(rules, tool => patterns.Any(pattern => ToolOverlap.IsPossible(pattern, tool))) is string tools)
        {
            throw new AmpValidationException(
                $"The settings of the project in '{TerminalText.Strip(file!)}' decide about calls of these tools before the rules that may reject them: {tools}.",
                optionName,
                "Remove the rules from that file, or work in another folder.",
                file);
        }
    }

    private static string? Warning(string? file, IEnumerable<JsonElement> rules, Func<string, bool> concerns, string what) =>
        Named(rules, concerns) is string tools ? TerminalText.Strip($"The settings of the project in '{file}' {what}: {tools}.") : null;

    private static string? Named(IEnumerable<JsonElement> rules, Func<string, bool> concerns)
    {
        string[] tools =
        [
            .. rules.Where(rule => !SettingsRules.IsReject(rule) && SettingsRules.ActionOf(rule) is not null)
                .Select(SettingsRules.ToolOf)
                .Where(concerns)
                .Distinct(),
        ];
        return tools.Length == 0
            ? null
            : TerminalText.Strip($"{string.Join(", ", tools.Take(MostNamed))}{(tools.Length > MostNamed ? ", ..." : string.Empty)}");
    }

    /// <summary>Writes a rule of a settings file unchanged, except that Ask becomes the program that asks.</summary>
    public static void Write(Utf8JsonWriter writer, JsonElement rule, string? approver)
    {
        if (approver is null || SettingsRules.ActionOf(rule) != "ask")
        {
            rule.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (JsonProperty property in rule.EnumerateObject())
        {
            if (!property.NameEquals("action") && !property.NameEquals("to") && !property.NameEquals("message"))
            {
                property.WriteTo(writer);
            }
        }

        writer.WriteString("action", "delegate");
        writer.WriteString("to", approver);
        writer.WriteEndObject();
    }

    /// <summary>
    /// Writes the rules for undecided calls: calls that only read are allowed, and all others are asked about before a built-in rule could
    /// allow them.
    /// </summary>
    public static void WriteLast(Utf8JsonWriter writer, string? approver)
    {
        if (approver is null)
        {
            return;
        }

        foreach (AmpPermission rule in AmpPermission.ReadOnlyPreset.Where(rule => rule.Action == PermissionAction.Allow))
        {
            rule.WriteTo(writer);
        }

        new AmpPermission("*", PermissionAction.Ask).WriteTo(writer, approver);
    }
}
