using System.Text.Json;
using Amp.Files;
using Amp.Json;
using Amp.Permissions;
using Amp.Settings;

namespace Amp.Plans;

/// <summary>The settings that hold for a run whatever its caller says, those of the user and of the workspace. A plan reads them once.</summary>
internal sealed class StandingSettings
{
    private const string ServiceUrl = "amp.url";

    private StandingSettings(string? userFile, string? workspaceFile, JsonElement? workspace)
    {
        UserFile = userFile;
        WorkspaceFile = workspaceFile;
        Workspace = workspace;
        WorkspaceRules = SettingsRules.Of(workspace, workspaceFile);
        User = JsonSource.ReadSettings(userFile);
        UserRules = SettingsRules.Of(User, userFile);
    }

    /// <summary>Where the user's settings are, if there are any; null where the user has no home.</summary>
    public string? UserFile { get; }

    /// <summary>What is in the user's file; null where there is none.</summary>
    public JsonElement? User { get; }

    /// <summary>The user's rules.</summary>
    public JsonElement[] UserRules { get; }

    /// <summary>The file of the workspace; null where there is none.</summary>
    public string? WorkspaceFile { get; }

    /// <summary>What is in the workspace's file; null where there is none.</summary>
    public JsonElement? Workspace { get; }

    /// <summary>The workspace's rules.</summary>
    public JsonElement[] WorkspaceRules { get; }

    /// <summary>Whether the user's settings name a service.</summary>
    public bool NamesService => User?.TryGetProperty(ServiceUrl, out _) == true;

    /// <summary>Reads the files.</summary>
    /// <param name="options">The options of the run; their settings file is the user's.</param>
    /// <param name="workingDirectory">The folder in which the agent works; it decides which workspace it is.</param>
    /// <param name="environment">The variables that the CLI will have.</param>
    /// <exception cref="AmpValidationException">A file is missing though it was named, or cannot be judged.</exception>
    public static StandingSettings Read(AmpOptions options, string workingDirectory, IReadOnlyDictionary<string, string> environment)
    {
        // A file that the caller names must be there; the usual one may be missing.
        if (options.SettingsFile is string named && !BoundedFile.IsThere(named))
        {
            throw new AmpValidationException(
                $"The settings file '{named}' does not exist.", nameof(AmpOptions.SettingsFile), "Give an existing file.", named);
        }

        string? workspaceFile = SettingsLocation.OfWorkspace(workingDirectory);
        return new StandingSettings(
            options.SettingsFile ?? SettingsLocation.OfUser(environment), workspaceFile, JsonSource.ReadSettings(workspaceFile));
    }

    /// <summary>Refuses a workspace that would lift what a run or its user says: the CLI reads its settings by itself, and before all others.</summary>
    /// <param name="restricting">The tools, or patterns of tools, that a rule of the run may reject.</param>
    /// <param name="disabledServers">The MCP servers that the run disables.</param>
    /// <param name="asks">Whether somebody is asked about tools.</param>
    /// <exception cref="AmpValidationException">It would.</exception>
    public void RefuseOverruled(IEnumerable<string> restricting, IReadOnlyList<string> disabledServers, bool asks)
    {
        DisabledServers.RefuseInWorkspace(WorkspaceFile, Workspace, disabledServers);
        if (asks)
        {
            ApprovalRules.RefuseAllowAll(WorkspaceFile, Workspace, nameof(AmpOptions.Approval));
        }

        ApprovalRules.RefuseOverruled(WorkspaceFile, Workspace, WorkspaceRules, restricting, nameof(AmpOptions.Permissions));
        if (WorkspaceFile is not null && UserFile is not null && Path.GetFullPath(UserFile) != WorkspaceFile)
        {
            ApprovalRules.RefuseOverruled(
                WorkspaceFile, Workspace, WorkspaceRules, UserRules.Where(SettingsRules.MayReject).Select(SettingsRules.ToolOf), nameof(AmpOptions.SettingsFile));
        }
    }
}
