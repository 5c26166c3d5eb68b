using System.Text.Json;
using Amp.Permissions;

namespace Amp.Settings;

/// <summary>What the settings of a run say where the caller is to be asked about tool calls.</summary>
internal static class ApprovalRules
{
    /// <summary>The key of the setting that lets every call through before a rule is looked at.</summary>
    public const string AllowAllKey = "amp.dangerouslyAllowAll";

    private const int MostNamed = 5;

    /// <summary>Whether settings say something about letting every call through.</summary>
    public static bool HaveAllowAll(JsonDocument? settings) => settings?.RootElement.TryGetProperty(AllowAllKey, out _) == true;

    /// <summary>Whether settings let every call through.</summary>
    public static bool AllowAll(JsonDocument? settings) =>
        settings?.RootElement.TryGetProperty(AllowAllKey, out JsonElement allowsAll) == true && allowsAll.ValueKind != JsonValueKind.False;

    /// <summary>Refuses a workspace that has the CLI let every call through: its settings win over those that the CLI is given.</summary>
    /// <param name="file">The workspace's settings file, if there is one.</param>
    /// <param name="optionName">The option that would be without effect.</param>
    /// <exception cref="AmpValidationException">Nobody would be asked, and nothing rejected.</exception>
    public static void RefuseAllowAll(string? file, string optionName)
    {
        using JsonDocument? settings = JsonSource.ObjectOrNull(file);
        if (AllowAll(settings))
        {
            throw new AmpValidationException(
                $"The settings of the project, '{file}', set {AllowAllKey}: the CLI would let every tool run, and neither ask nor reject.",
                optionName,
                "Take the setting out of the file, or work in another folder.",
                file);
        }
    }

    /// <summary>
    /// What the caller should know of the workspace's rules, which the CLI puts before those that it is given (2026-01-08 to 2026-03-24);
    /// null for nothing.
    /// </summary>
    public static string? Warning(string? file, IEnumerable<JsonElement> rules) =>
        Warning(file, rules, _ => true, "decide about calls of these tools before anybody is asked");

    /// <summary>The same for rules of the call that may reject: what the workspace allows is allowed before they are looked at.</summary>
    public static string? Warning(string? file, IEnumerable<JsonElement> rules, IEnumerable<Permission> mayReject) => Warning(
        file,
        rules,
        tool => mayReject.Any(rule => ToolOverlap.IsPossible(rule.Tool, tool)),
        "come before the rules of the call, which may reject calls of these tools and would not be asked");

    private static string? Warning(string? file, IEnumerable<JsonElement> rules, Func<string, bool> concerns, string what)
    {
        string[] tools =
        [
            .. rules.Where(rule => !SettingsRules.IsReject(rule) && SettingsRules.ActionOf(rule) is not null)
                .Select(rule => rule.TryGetProperty("tool", out JsonElement tool) ? tool.ToString() : "*")
                .Where(concerns)
                .Distinct(),
        ];
        return tools.Length == 0 ? null : TerminalText.Strip(
            $"The settings of the project, '{file}', {what}: "
            + $"{string.Join(", ", tools.Take(MostNamed))}{(tools.Length > MostNamed ? ", ..." : string.Empty)}.");
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

        foreach (Permission rule in Permission.ReadOnlyPreset.Where(rule => rule.Action == PermissionAction.Allow))
        {
            rule.WriteTo(writer);
        }

        new Permission("*", PermissionAction.Ask).WriteTo(writer, approver);
    }
}
