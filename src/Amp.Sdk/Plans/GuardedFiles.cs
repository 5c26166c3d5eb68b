using System.Text.Json;
using Amp.Permissions;
using Amp.Services;
using Amp.Tools;

namespace Amp.Plans;

/// <summary>
/// Files that the CLI guards, such as those of <c>~/.ssh</c>. Up to 0.0.1777897475 writing one needs an approval, whatever the rules say, and
/// a run ends there (0.0.1767830505 waits for ever instead). Later builds ask the service before they look at a rule, and where nobody answers they wait for ever
/// (0.0.1784106548 to 0.0.1790142911). So the guard is lifted where it can only be in the way: where no rule lets a call through that
/// writes, but all of them are rejected or decided by the caller or by a program, who see the file's name.
/// </summary>
internal static class GuardedFiles
{
    /// <summary>The key of the setting with the files that are not guarded.</summary>
    public const string Key = "amp.guardedFiles.allowlist";

    // In a shell command the CLI looks for the files that it would write.
    private static readonly string[] s_writingTools =
        [.. KnownTools.All.Where(tool => tool.Kind == ToolKind.Write || (tool.Kind == ToolKind.Shell && !tool.StartsNothing)).Select(tool => tool.Name)];

    /// <summary>Whether a pattern of tools may mean one that writes files.</summary>
    public static bool IsAboutWriting(string pattern) => s_writingTools.Any(tool => ToolOverlap.IsPossible(pattern, tool));

    /// <summary>Whether every call that writes a file is decided by a rule of the run, and by none that allows it unseen.</summary>
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

    /// <summary>Writes the setting: no file is guarded.</summary>
    public static void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray(Key);
        writer.WriteStringValue("/**");
        writer.WriteEndArray();
    }

    // What cannot be read may be anything.
    private static bool MayAllowWriting(JsonElement rule) =>
        SettingsRules.ActionOf(rule) is not ("reject" or "ask" or "delegate")
        && (rule.ValueKind != JsonValueKind.Object || !rule.TryGetProperty("tool", out JsonElement tool)
            || tool.ValueKind != JsonValueKind.String || IsAboutWriting(tool.GetString()!));
}
