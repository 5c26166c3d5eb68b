using System.Text.Json;
using Amp.Permissions;

namespace Amp.Plans;

/// <summary>What the settings of a run say where the caller is to be asked about tool calls.</summary>
internal static class ApprovalRules
{
    /// <summary>The key of the setting that lets every call through before a rule is looked at.</summary>
    public const string AllowAllKey = "amp.dangerouslyAllowAll";

    private const int MostNamed = 5;

    /// <summary>Whether settings say something about letting every call through.</summary>
    public static bool HaveAllowAll(JsonElement? settings) => settings?.TryGetProperty(AllowAllKey, out _) == true;

    /// <summary>Whether settings let every call through.</summary>
    public static bool AllowAll(JsonElement? settings) =>
        settings?.TryGetProperty(AllowAllKey, out JsonElement allowsAll) == true && allowsAll.ValueKind != JsonValueKind.False;

    /// <summary>Refuses a workspace that has the CLI let every call through: its settings win over those that the CLI is given.</summary>
    /// <param name="file">The workspace's settings file, if there is one.</param>
    /// <param name="settings">What is in it.</param>
    /// <param name="optionName">The option that would be without effect.</param>
    /// <exception cref="AmpValidationException">Nobody would be asked, and nothing rejected.</exception>
    public static void RefuseAllowAll(string? file, JsonElement? settings, string optionName)
    {
        if (AllowAll(settings))
        {
            throw new AmpValidationException(
                $"The settings of the project, '{file}', set {AllowAllKey}: the CLI would let every tool run, and neither ask nor reject.",
                optionName,
                "Remove the setting from the file, or work in another folder.",
                file);
        }
    }

    /// <summary>
    /// What the caller should know of the workspace's rules, which the CLI puts before those that it is given (2026-01-08 to 2026-03-24);
    /// null for nothing.
    /// </summary>
    public static string? Warning(string? file, IEnumerable<JsonElement> rules) =>
        Warning(file, rules, _ => true, "decide about calls of these tools before anybody is asked");

    /// <summary>
    /// Refuses a workspace whose settings decide about calls before a rule is looked at that may reject them: by the setting that allows all,
    /// or by a rule of its own. What a project says never lifts what its user rejects.
    /// </summary>
    /// <param name="file">The workspace's settings file, if there is one.</param>
    /// <param name="settings">What is in it.</param>
    /// <param name="rules">Its rules.</param>
    /// <param name="rejected">The tools, or patterns of tools, that may be rejected.</param>
    /// <param name="optionName">The option that would be without effect.</param>
    /// <exception cref="AmpValidationException">A call could be made that may be rejected.</exception>
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
                $"The settings of the project, '{TerminalText.Strip(file!)}', decide about calls of these tools before the rules that may reject them: {tools}.",
                optionName,
                "Remove the rules from that file, or work in another folder.",
                file);
        }
    }

    private static string? Warning(string? file, IEnumerable<JsonElement> rules, Func<string, bool> concerns, string what) =>
        Named(rules, concerns) is string tools ? TerminalText.Strip($"The settings of the project, '{file}', {what}: {tools}.") : null;

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

    /// <summary>Writes a rule of a settings file as it is, but with the program to ask where it says ask.</summary>
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

    /// <summary>Writes the rules for what nobody has decided: what only reads is not worth a question, all else is asked before a built-in rule could allow it.</summary>
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
