using System.Text.Json;
using Amp.Json;
using Amp.Permissions;
using Amp.Settings;
using Amp.Tools;
using Amp.Transports;

namespace Amp.Plans;

/// <summary>What restricts the calls of a run: the approvals, the rules that may reject calls, and those that may allow them.</summary>
internal sealed class HeldCalls
{
    private static readonly ReadOnlyMemory<byte> s_unreadable = new byte[] { (byte)'?' };

    private readonly string? _workingDirectory;
    private readonly StandingSettings _standing;
    private readonly string[] _passes;
    private readonly bool _holdsRules;

    /// <param name="workingDirectory">The folder in which the agent works; null if it is not on this machine.</param>
    /// <param name="standing">The settings at the start of the run.</param>
    /// <param name="asks">Whether someone is asked about calls.</param>
    /// <param name="mayReject">Whether a rule of the call or the user may reject calls.</param>
    /// <param name="passes">The tools, or patterns of tools, that any rule may allow.</param>
    /// <param name="delegated">The tools that a rule of the caller or of a file delegates to a program.</param>
    public HeldCalls(
        string? workingDirectory, StandingSettings standing, bool asks, bool mayReject, IEnumerable<string> passes, IEnumerable<string> delegated)
    {
        _workingDirectory = workingDirectory;
        _standing = standing;
        Asks = asks;
        _holdsRules = asks || mayReject;
        _passes = [.. passes];
        WaitsForProgram = delegated.Any(GuardedFiles.IsAboutWriting);
    }

    /// <summary>Whether someone is asked about calls.</summary>
    public bool Asks { get; }

    /// <summary>The tools that the call enables; null if it does not limit them.</summary>
    public IReadOnlyList<string>? EnabledTools { get; init; }

    /// <summary>Whether the CLI reads the user's settings file itself, because the run has none of its own.</summary>
    public bool ReadsUserFile { get; init; }

    /// <summary>Whether calls can be rejected, asked about or not offered: by an approval, by a rule of the call or the user, or by a list of tools.</summary>
    public bool HoldsCalls => _holdsRules || EnabledTools is not null;

    /// <summary>Whether another program decides about writing, which can take any time.</summary>
    public bool WaitsForProgram { get; }

    /// <summary>Returns whether a call of a tool requires a decision, because no rule may allow it.</summary>
    public bool NeedsDecision(string? tool, ToolKind kind) =>
        Asks && tool is not null && kind is ToolKind.Shell or ToolKind.Write or ToolKind.Mcp
        && !_passes.Any(pattern => ToolOverlap.IsPossible(pattern, tool!) || ToolOverlap.IsPossible(pattern, KnownTools.AskedAs(tool!)));

    /// <summary>
    /// Gets how the settings of the workspace or the user have loosened the restrictions since the start of the run; null if they have not.
    /// </summary>
    /// <param name="changed">The settings on another machine that have changed.</param>
    /// <param name="isEnd">Whether the CLI has written its result or exited.</param>
    public string? Loosened(IReadOnlyList<HostFile> changed, bool isEnd)
    {
        if (!HoldsCalls)
        {
            return null;
        }

        if (_workingDirectory is null)
        {
            // What cannot be read is judged like what is no JSON.
            return changed.Select(file => Loosened(file.Path, () => JsonSource.ParseSettings(file.Content ?? s_unreadable, $"'{file.Path}'"), isEnd))
                .FirstOrDefault(found => found is not null);
        }

        // The CLI keeps the file of its start, and the next run reads the one that is there now.
        string?[] files = [_standing.WorkspacePlace, SettingsLocation.OfWorkspace(_workingDirectory), _standing.UserFile];
        return files.OfType<string>().Distinct().Select(file => Loosened(file, () => JsonSource.ReadSettings(file), isEnd)).FirstOrDefault(found => found is not null);
    }

    private string? Loosened(string file, Func<JsonElement?> read, bool isEnd) =>
        file != _standing.UserFile || file == _standing.WorkspacePlace ? LoosenedByProject(file, read)
        : ReadsUserFile ? LoosenedByUser(file, read, isEnd)
        : null;

    private string? LoosenedByProject(string file, Func<JsonElement?> read)
    {
        try
        {
            JsonElement? settings = read();
            ToolLists.RefuseWidened(file, settings, EnabledTools);
            if (!_holdsRules)
            {
                return null;
            }

            ApprovalRules.RefuseAllowAll(file, settings, nameof(AmpOptions.Permissions));
            return SettingsRules.AreLooser(_standing.WorkspaceRules, SettingsRules.Of(settings, file), comesFirst: true)
                ? $"The settings of the project in '{TerminalText.Strip(file)}' have other rules than at the start, which apply before the rules of the run"
                : null;
        }
        catch (AmpValidationException)
        {
            return $"The settings of the project in '{TerminalText.Strip(file)}' were changed, and now override the restrictions of the run or cannot be read";
        }
    }

    // The CLI and the user write other settings to this file. While one of them does, it can be empty or incomplete, so that counts only at the end.
    private string? LoosenedByUser(string file, Func<JsonElement?> read, bool isEnd)
    {
        bool isLooser;
        try
        {
            JsonElement? settings = read();
            isLooser = settings is null
                ? isEnd
                : (ApprovalRules.AllowAll(settings) && !ApprovalRules.AllowAll(_standing.User))
                    || SettingsRules.AreLooser(_standing.UserRules, SettingsRules.Of(settings, file), comesFirst: false);
        }
        catch (AmpValidationException)
        {
            isLooser = isEnd;
        }

        return isLooser ? $"Your settings in '{TerminalText.Strip(file)}' were changed, and now reject less than at the start or cannot be read" : null;
    }
}
