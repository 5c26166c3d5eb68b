using System.Text.Json;
using Amp.Files;
using Amp.Json;
using Amp.Permissions;
using Amp.Settings;
using Amp.Transports;

namespace Amp.Plans;

/// <summary>
/// The settings of the user and of the workspace, which apply to a run independently of its caller. A plan reads them once.
/// </summary>
internal sealed class StandingSettings
{
    private const string ServiceUrl = "amp.url";

    private readonly string _stamps;

    private StandingSettings(
        string? userFile, Func<JsonElement?> user, string? workspacePlace, string? workspaceFile, JsonElement? workspace, string stamps)
    {
        UserFile = userFile;
        WorkspacePlace = workspacePlace;
        WorkspaceFile = workspaceFile;
        Workspace = workspace;
        WorkspaceRules = SettingsRules.Of(workspace, workspaceFile);
        _stamps = stamps;
        User = user();
        UserRules = SettingsRules.Of(User, userFile);
    }

    /// <summary>No settings: those of another machine before it is connected.</summary>
    public static StandingSettings Unknown { get; } = new(userFile: null, () => null, workspacePlace: null, workspaceFile: null, workspace: null, string.Empty);

    /// <summary>The path of the user settings, if there are any; null if the user has no home folder.</summary>
    public string? UserFile { get; }

    /// <summary>The content of the user's file; null if there is none.</summary>
    public JsonElement? User { get; }

    /// <summary>The user's rules.</summary>
    public JsonElement[] UserRules { get; }

    /// <summary>The path where the CLI looks for the workspace's file, whether or not it exists; null if it is unknown.</summary>
    public string? WorkspacePlace { get; }

    /// <summary>The path of the workspace's file; null if there is none.</summary>
    public string? WorkspaceFile { get; }

    /// <summary>The content of the workspace's file; null if there is none.</summary>
    public JsonElement? Workspace { get; }

    /// <summary>The workspace's rules.</summary>
    public JsonElement[] WorkspaceRules { get; }

    /// <summary>Whether the user settings name a service.</summary>
    public bool NamesService => User?.TryGetProperty(ServiceUrl, out _) == true;

    /// <summary>Reads the files.</summary>
    /// <param name="options">The options of the run, whose settings file replaces the user's.</param>
    /// <param name="workingDirectory">The folder in which the agent works, which determines the workspace.</param>
    /// <param name="environment">The environment variables of the CLI.</param>
    /// <exception cref="AmpValidationException">A named file does not exist, or a file cannot be evaluated.</exception>
    public static StandingSettings Read(AmpOptions options, string workingDirectory, IReadOnlyDictionary<string, string> environment)
    {
        // A file that the caller names must exist; the default one may not.
        if (options.SettingsFile is string named && !BoundedFile.IsThere(named))
        {
            throw new AmpValidationException(
                $"The settings file '{named}' does not exist.", nameof(AmpOptions.SettingsFile), "Give an existing file.", named);
        }

        if (options.SettingsFile is string file)
        {
            // An empty file is not what the caller means.
            JsonSource.ReadObject(file, nameof(AmpOptions.SettingsFile)).Dispose();
        }

        string workspacePlace = SettingsLocation.WorkspaceFile(workingDirectory);
        string? workspaceFile = BoundedFile.IsThere(workspacePlace) ? workspacePlace : null;
        string? userFile = options.SettingsFile ?? SettingsLocation.OfUser(environment, workingDirectory);
        JsonElement? workspace = JsonSource.ReadSettings(workspaceFile);

        // Before the user's file is read, so that a change in the meantime is noticed.
        return new StandingSettings(
            userFile, () => JsonSource.ReadSettings(userFile), workspacePlace, workspaceFile, workspace, StampsOf(workspaceFile, userFile));
    }

    /// <summary>Takes the settings of another machine.</summary>
    /// <exception cref="AmpValidationException">They cannot be evaluated.</exception>
    public static StandingSettings Of(HostFacts found) => new(
        found.User?.Path,
        () => Parsed(found.User),
        found.Workspace?.Path,
        found.Workspace?.Content is null ? null : found.Workspace.Path,
        Parsed(found.Workspace),
        string.Empty);

    /// <summary>Whether a file was changed, or has come or gone, since it was read.</summary>
    /// <param name="workingDirectory">The folder in which the agent works.</param>
    public bool HaveChanged(string workingDirectory) =>
        SettingsLocation.WorkspaceFile(workingDirectory) != WorkspacePlace || SettingsLocation.OfWorkspace(workingDirectory) != WorkspaceFile
        || _stamps != StampsOf(WorkspaceFile, UserFile);

    /// <summary>
    /// Refuses a workspace that would override a restriction of the run or its user: the CLI reads its settings itself, before all others.
    /// </summary>
    /// <param name="restricting">The tools, or patterns of tools, that a rule of the run may reject.</param>
    /// <param name="disabledServers">The MCP servers that the run disables.</param>
    /// <param name="asks">Whether someone is asked about tool calls.</param>
    /// <param name="enabledTools">The tools that the run enables; null if it does not limit them.</param>
    /// <exception cref="AmpValidationException">The workspace would override it.</exception>
    public void RefuseOverruled(
        IEnumerable<string> restricting, IReadOnlyList<string> disabledServers, bool asks, IReadOnlyList<string>? enabledTools)
    {
        DisabledServers.RefuseInWorkspace(WorkspaceFile, Workspace, disabledServers);
        ToolLists.RefuseWidened(WorkspaceFile, Workspace, enabledTools);
        if (asks)
        {
            ApprovalRules.RefuseAllowAll(WorkspaceFile, Workspace, nameof(AmpOptions.Approval));
        }

        ApprovalRules.RefuseOverruled(WorkspaceFile, Workspace, WorkspaceRules, restricting, nameof(AmpOptions.Permissions));
        if (WorkspaceFile is string file && UserFile is string own && (_stamps.Length == 0 ? own != file : RealPath.Of(own) != RealPath.Of(file)))
        {
            ApprovalRules.RefuseOverruled(
                file, Workspace, WorkspaceRules, UserRules.Where(SettingsRules.MayReject).Select(SettingsRules.ToolOf), nameof(AmpOptions.SettingsFile));
        }
    }

    private static JsonElement? Parsed(HostFile? file) =>
        file?.Content is ReadOnlyMemory<byte> content ? JsonSource.ParseSettings(content, $"'{file.Path}'") : null;

    // Text, because the first run of a process would compile every comparison of tuples.
    private static string StampsOf(string? workspaceFile, string? userFile) => $"{StampOf(workspaceFile)} {StampOf(userFile)}";

    private static string? StampOf(string? path) =>
        path is not null && new FileInfo(path) is { Exists: true } file ? $"{file.LastWriteTimeUtc.Ticks}/{file.Length}" : null;
}
