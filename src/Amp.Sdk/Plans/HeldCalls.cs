using System.Text.Json;
using Amp.Json;
using Amp.Permissions;
using Amp.Settings;
using Amp.Transports;

namespace Amp.Plans;

/// <summary>What restricts the calls of a run: the approvals, the rules that may reject calls, and those that may allow them.</summary>
internal sealed class HeldCalls
{
    private static readonly ReadOnlyMemory<byte> s_unreadable = new byte[] { (byte)'?' };

    private readonly string? _workingDirectory;
    private readonly string[] _passes;
    private readonly HashSet<string> _workspaceRules;

    /// <param name="workingDirectory">The folder in which the agent works; null if it is not on this machine.</param>
    /// <param name="asks">Whether someone is asked about calls.</param>
    /// <param name="mayReject">Whether a rule of the call or the user may reject calls.</param>
    /// <param name="passes">The tools, or patterns of tools, that any rule may allow.</param>
    /// <param name="delegated">The tools that a rule of the caller or of a file delegates to a program.</param>
    /// <param name="workspaceRules">The rules of the workspace at the start of the run.</param>
    public HeldCalls(
        string? workingDirectory, bool asks, bool mayReject, IEnumerable<string> passes, IEnumerable<string> delegated, IEnumerable<JsonElement> workspaceRules)
    {
        _workingDirectory = workingDirectory;
        Asks = asks;
        HoldsCalls = asks || mayReject;
        _passes = [.. passes];
        WaitsForProgram = delegated.Any(GuardedFiles.IsAboutWriting);
        _workspaceRules = [.. workspaceRules.Select(rule => rule.GetRawText())];
    }

    /// <summary>Whether someone is asked about calls.</summary>
    public bool Asks { get; }

    /// <summary>Whether calls can be rejected or asked about: by an approval, or by a rule of the call or the user.</summary>
    public bool HoldsCalls { get; }

    /// <summary>Whether another program decides about writing, which can take any time.</summary>
    public bool WaitsForProgram { get; }

    /// <summary>Returns whether a call of a tool requires a decision, because no rule may allow it.</summary>
    public bool NeedsDecision(string? tool, ToolKind kind) =>
        Asks && tool is not null && kind is ToolKind.Shell or ToolKind.Write or ToolKind.Mcp && !_passes.Any(pattern => ToolOverlap.IsPossible(pattern, tool!));

    /// <summary>
    /// Gets how the workspace's settings have loosened the restrictions since the start of the run; null if they have not.
    /// </summary>
    /// <param name="changed">The settings of a workspace on another machine if they have changed.</param>
    public string? Loosened(HostFile? changed)
    {
        if (!HoldsCalls || (_workingDirectory is null && changed is null))
        {
            return null;
        }

        string? file = changed?.Path ?? SettingsLocation.OfWorkspace(_workingDirectory!);
        try
        {
            // What cannot be read is judged like what is no JSON.
            JsonElement? settings = changed is null ? JsonSource.ReadSettings(file) : JsonSource.ParseSettings(changed.Content ?? s_unreadable, $"'{file}'");
            ApprovalRules.RefuseAllowAll(file, settings, nameof(AmpOptions.Permissions));
            return SettingsRules.Of(settings, file).Any(rule => !SettingsRules.IsReject(rule) && !_workspaceRules.Contains(rule.GetRawText()))
                ? $"The settings of the project in '{TerminalText.Strip(file!)}' contain a new rule, which applies before the rules of the run"
                : null;
        }
        catch (AmpValidationException)
        {
            return $"The settings of the project in '{TerminalText.Strip(file!)}' were changed, and now override the rules of the run or cannot be read";
        }
    }
}
