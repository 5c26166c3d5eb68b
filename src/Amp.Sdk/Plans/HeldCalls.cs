using System.Text.Json;
using Amp.Json;
using Amp.Permissions;
using Amp.Settings;

namespace Amp.Plans;

/// <summary>What holds the calls of a run: who is asked about them, what may reject them, and what may let them through.</summary>
internal sealed class HeldCalls
{
    private readonly string _workingDirectory;
    private readonly string[] _passes;
    private readonly HashSet<string> _workspaceRules;

    /// <param name="workingDirectory">The folder in which the agent works.</param>
    /// <param name="asks">Whether somebody is asked about calls.</param>
    /// <param name="mayReject">Whether a rule of the call or of the user may reject calls.</param>
    /// <param name="passes">The tools, or patterns of tools, that a rule of anybody may let through.</param>
    /// <param name="delegated">Those that a rule of the caller or of a file has a program decide about.</param>
    /// <param name="workspaceRules">The rules of the workspace at the start of the run.</param>
    public HeldCalls(
        string workingDirectory, bool asks, bool mayReject, IEnumerable<string> passes, IEnumerable<string> delegated, IEnumerable<JsonElement> workspaceRules)
    {
        _workingDirectory = workingDirectory;
        Asks = asks;
        HoldsCalls = asks || mayReject;
        _passes = [.. passes];
        WaitsForProgram = delegated.Any(GuardedFiles.IsAboutWriting);
        _workspaceRules = [.. workspaceRules.Select(rule => rule.GetRawText())];
    }

    /// <summary>Whether somebody is asked about calls.</summary>
    public bool Asks { get; }

    /// <summary>Whether something may reject calls, or asks about them: a question, a rule of the call or of the user.</summary>
    public bool HoldsCalls { get; }

    /// <summary>Whether a program of somebody's decides about writing, which may take as long as it likes.</summary>
    public bool WaitsForProgram { get; }

    /// <summary>Whether a call of a tool cannot be made before somebody has decided about it: no rule of anybody may let it through.</summary>
    public bool NeedsDecision(string? tool, ToolKind kind) =>
        Asks && tool is not null && kind is ToolKind.Shell or ToolKind.Write or ToolKind.Mcp && !_passes.Any(pattern => ToolOverlap.IsPossible(pattern, tool!));

    /// <summary>How the workspace's settings lift since the start of the run what may reject calls; null where they do not.</summary>
    public string? Loosened()
    {
        if (!HoldsCalls)
        {
            return null;
        }

        string? file = SettingsLocation.OfWorkspace(_workingDirectory);
        try
        {
            JsonElement? settings = JsonSource.ReadSettings(file);
            ApprovalRules.RefuseAllowAll(file, settings, nameof(AmpOptions.Permissions));
            return SettingsRules.Of(settings, file).Any(rule => !SettingsRules.IsReject(rule) && !_workspaceRules.Contains(rule.GetRawText()))
                ? $"The settings of the project, '{TerminalText.Strip(file!)}', have a new rule that decides about calls before those of the run"
                : null;
        }
        catch (AmpValidationException)
        {
            return $"The settings of the project, '{TerminalText.Strip(file!)}', were changed so that they lift the rules of the run, or cannot be judged";
        }
    }
}
