using System.Text.Json;
using Amp.Permissions;
using Amp.Services;
using Amp.Tools;

namespace Amp.Plans;

/// <summary>
/// The files that the CLI guards, such as those in <c>~/.ssh</c>. Up to 0.0.1777897475, writing one requires an approval, whatever the
/// rules decide, and a run ends there (0.0.1767830505 waits forever instead). Later builds ask the service before they evaluate a rule, and
/// wait forever if there is no answer (0.0.1784106548 to 0.0.1790142911). Therefore, the guard is removed if it can only be an obstacle: if
/// no rule allows a call that writes, and all such calls are rejected or decided by the caller or a program, which get the file name.
/// </summary>
internal static class GuardedFiles
{
    /// <summary>The key of the setting with the files that are not guarded.</summary>
    public const string Key = "amp.guardedFiles.allowlist";

    // In a shell command, the CLI searches for the files that it would write.
    private static readonly string[] s_writingTools =
        [.. KnownTools.All.Where(tool => tool.Kind == ToolKind.Write || (tool.Kind == ToolKind.Shell && !tool.StartsNothing)).Select(tool => tool.Name)];

    /// <summary>Returns whether a pattern of tools may match a tool that writes files.</summary>
    public static bool IsAboutWriting(string pattern) => s_writingTools.Any(tool => ToolOverlap.IsPossible(pattern, tool));

    /// <summary>Returns whether a rule of the run decides every call that writes a file, and none allows it without a check.</summary>
    public static bool AreLeftToRules(
        AmpOptions options, RunContribution contribution, IReadOnlyList<JsonElement> userRules, IReadOnlyList<JsonElement> workspaceRules)
    {
        IReadOnlyList<AmpPermission> callRules = options.Permissions ?? [];
        bool decidesAll = contribution.Approver is not null
            || callRules.Any(rule => rule.Tool == "*" && rule.Matches is null && rule.Context is null && rule.Action != PermissionAction.Allow);
        return decidesAll && !options.DangerouslyAllowAll
            && !callRules.Any(rule => rule.Action == PermissionAction.Allow && IsAboutWriting(rule.Tool))
            && !userRules.Concat(workspaceRules).Any(MayAllowWriting);
    }

    /// <summary>Writes the setting that removes the guard from all files.</summary>
    public static void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray(Key);
        writer.WriteStringValue("/**");
        writer.WriteEndArray();
    }

    // A value that cannot be read can mean anything.
    private static bool MayAllowWriting(JsonElement rule) =>
        SettingsRules.ActionOf(rule) is not ("reject" or "ask" or "delegate")
        && (rule.ValueKind != JsonValueKind.Object || !rule.TryGetProperty("tool", out JsonElement tool)
            || tool.ValueKind != JsonValueKind.String || IsAboutWriting(tool.GetString()!));
}
