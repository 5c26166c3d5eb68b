using System.Buffers;
using System.Text.Json;
using Amp.Cli;
using Amp.Files;
using Amp.Json;
using Amp.Permissions;
using Amp.Services;
using Amp.Settings;

namespace Amp.Plans;

/// <summary>
/// Makes the settings of a run: those of the user, which <c>--settings-file</c> would otherwise hide, with those of the call.
/// The user's file stays as it is.
/// </summary>
internal sealed class RunSettings
{
    private const string EnabledTools = "amp.tools.enable";
    private const string DisabledTools = "amp.tools.disable";
    private const string SystemPrompt = "amp.systemPrompt";
    private const string ServiceUrl = "amp.url";

    // The CLIs take an empty list for no list at all; of this name there is not a tool.
    private const string NoTool = "no-tool-at-all";
    private const string SkillsPath = "amp.skills.path";

    private RunSettings(
        ReadOnlyMemory<byte>? content, string? userFile, bool passAllowAll, IReadOnlyList<string> keys, RejectMessages rejectMessages)
    {
        RejectMessages = rejectMessages;
        Content = content;
        UserFile = userFile;
        PassAllowAll = passAllowAll;
        Keys = keys;
    }

    /// <summary>The merged settings; null where the call adds nothing and the user's file does as it is.</summary>
    public ReadOnlyMemory<byte>? Content { get; }

    /// <summary>Where the user's settings are, if there are any; null where the user has no home.</summary>
    public string? UserFile { get; }

    /// <summary>Whether the CLI may be given the flag that lets every tool run. It would override rejects too.</summary>
    public bool PassAllowAll { get; }

    /// <summary>The keys that the call sets or adds to.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>What the rules of the call, of the user and of the workspace say when they reject.</summary>
    public RejectMessages RejectMessages { get; }

    /// <summary>
    /// Whether a call that writes a file can wait for nothing but an answer about a guarded file: neither is every call let through, nor does
    /// a rule decide about all such files, nor a program about writing.
    /// </summary>
    public bool GuardsFiles => !PassAllowAll && !Keys.Contains(GuardedFiles.Key) && !Held.WaitsForProgram;

    /// <summary>What holds the calls of the run.</summary>
    public required HeldCalls Held { get; init; }

    /// <summary>Whether the user's settings name a service.</summary>
    public bool NamesService { get; private init; }

    /// <summary>What the caller should know of the settings of others; null for nothing.</summary>
    public string? Warning { get; private init; }

    /// <summary>Reads what is there and merges.</summary>
    /// <param name="options">What the call sets.</param>
    /// <param name="disabledServers">The MCP servers that the call disables.</param>
    /// <param name="workingDirectory">The folder in which the agent works; it decides which workspace it is.</param>
    /// <param name="environment">The variables that the CLI will have.</param>
    /// <param name="contribution">What the services of the run add.</param>
    /// <param name="cli">The CLI that is to read them; null before it is known.</param>
    /// <exception cref="AmpValidationException">
    /// A settings file is missing though it was named, or cannot be read; a server that is to be disabled is the workspace's; somebody is to be
    /// asked about tools, and the workspace allows all of them; the workspace decides about a tool before a rule that may reject it.
    /// </exception>
    public static RunSettings Of(
        AmpOptions options,
        IReadOnlyList<string> disabledServers,
        string workingDirectory,
        IReadOnlyDictionary<string, string> environment,
        RunContribution contribution,
        AmpCli? cli)
    {
        IReadOnlyList<AmpPermission> lastRules = contribution.LastRules;
        bool asks = contribution.Approver is not null;
        IReadOnlyList<AmpPermission> callRules = options.Permissions ?? [];
        List<string> keys = [];
        AddIf(keys, SettingsRules.Key, callRules.Count > 0 || lastRules.Count > 0 || asks);
        AddIf(keys, EnabledTools, options.EnabledTools is not null);
        AddIf(keys, SystemPrompt, options.SystemPrompt is not null);
        AddIf(keys, SkillsPath, options.Skills is not null);

        string? userFile = UserFileOf(options, environment);

        string? workspaceFile = SettingsLocation.OfWorkspace(workingDirectory);
        DisabledServers.RefuseInWorkspace(workspaceFile, disabledServers);
        JsonElement[] workspaceRules = SettingsRules.OfFile(workspaceFile);
        using JsonDocument? user = JsonSource.ReadSettings(userFile);
        JsonElement[] userRules = SettingsRules.Of(user, userFile);
        if (asks)
        {
            ApprovalRules.RefuseAllowAll(workspaceFile, nameof(AmpOptions.Approval));
        }

        AmpPermission[] mayReject = [.. callRules.Where(rule => rule.Action is PermissionAction.Reject or PermissionAction.Delegate)];
        ApprovalRules.RefuseOverruled(workspaceFile, workspaceRules, mayReject.Select(rule => rule.Tool), nameof(AmpOptions.Permissions));
        if (workspaceFile is not null && userFile is not null && Path.GetFullPath(userFile) != workspaceFile)
        {
            ApprovalRules.RefuseOverruled(
                workspaceFile, workspaceRules, userRules.Where(SettingsRules.MayReject).Select(SettingsRules.ToolOf), nameof(AmpOptions.SettingsFile));
        }

        HeldCalls held = new(
            workingDirectory,
            asks,
            mayReject.Length > 0 || userRules.Any(SettingsRules.MayReject),
            [
                .. callRules.Concat(lastRules).Concat(asks ? AmpPermission.ReadOnlyPreset : [])
                    .Where(rule => rule.Action is PermissionAction.Allow or PermissionAction.Delegate).Select(rule => rule.Tool),
                .. userRules.Concat(workspaceRules).Where(rule => SettingsRules.ActionOf(rule) is not ("reject" or "ask")).Select(SettingsRules.ToolOf),
            ],
            callRules.Where(rule => rule.Action == PermissionAction.Delegate).Select(rule => rule.Tool)
                .Concat(userRules.Concat(workspaceRules).Where(rule => SettingsRules.ActionOf(rule) == "delegate").Select(SettingsRules.ToolOf)),
            workspaceRules);
        bool namesService = user?.RootElement.TryGetProperty(ServiceUrl, out _) == true;
        bool leavesRulesOff = CliChoice.LeavesRulesOff(cli);
        if (keys.Count == 0 && !options.DangerouslyAllowAll && !leavesRulesOff && disabledServers.Count == 0 && contribution.LongestCall is null)
        {
            RejectMessages messages = new(callRules, userRules.Concat(workspaceRules));
            return new RunSettings(null, userFile, false, keys, messages) { Held = held, NamesService = namesService };
        }

        RejectMessages rejectMessages = new(callRules.Concat(lastRules), userRules.Concat(workspaceRules));

        // A workspace's file is part of the project and so no friend: only what it forbids is taken over.
        JsonElement[] workspaceRejects =
            options.DangerouslyAllowAll || lastRules.Count > 0 || !contribution.Toolbox.IsEmpty ? [.. workspaceRules.Where(SettingsRules.IsReject)] : [];
        bool rejects = workspaceRejects.Length > 0 || userRules.Any(SettingsRules.IsReject) || mayReject.Length > 0;

        // The user's own setting means the same as the flag, and overrides rejects as the flag does.
        bool userAllowsAll = !asks && mayReject.Length > 0 && ApprovalRules.AllowAll(user);
        bool allowAllByRule = (options.DangerouslyAllowAll && rejects) || userAllowsAll;
        AddIf(keys, SettingsRules.Key, allowAllByRule && !keys.Contains(SettingsRules.Key));
        bool putsRulesInForce = leavesRulesOff && !options.DangerouslyAllowAll && !ApprovalRules.HaveAllowAll(user);
        AddIf(keys, ApprovalRules.AllowAllKey, putsRulesInForce || ((asks || allowAllByRule) && ApprovalRules.HaveAllowAll(user)));
        AddIf(keys, GuardedFiles.Key, leavesRulesOff && (allowAllByRule || GuardedFiles.AreLeftToRules(options, contribution, userRules, workspaceRules)));
        if (!contribution.Toolbox.IsEmpty)
        {
            // The rules and lists speak of these tools by names that this CLI does not have.
            bool hasRules = callRules.Count > 0 || userRules.Length > 0 || workspaceRejects.Length > 0 || lastRules.Count > 0 || asks || allowAllByRule;
            AddIf(keys, SettingsRules.Key, hasRules && !keys.Contains(SettingsRules.Key) && (!options.DangerouslyAllowAll || allowAllByRule));
            AddIf(keys, EnabledTools, options.EnabledTools is null && ListOf(user, EnabledTools).Length > 0);
            AddIf(keys, DisabledTools, ListOf(user, DisabledTools).Length > 0);
        }

        AddIf(keys, DisabledServers.Key, DisabledServers.AreIn(user, disabledServers));
        keys.AddRange(CallLimits.KeysOf(contribution, user));
        if (keys.Count == 0)
        {
            return new RunSettings(null, userFile, options.DangerouslyAllowAll, keys, rejectMessages) { Held = held, NamesService = namesService };
        }

        ArrayBufferWriter<byte> content = new();
        using (Utf8JsonWriter writer = new(content, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            WriteKept(writer, user, keys);
            WritePermissions(writer, options, userRules, workspaceRejects, contribution, allowAllByRule, keys);
            WriteOthers(writer, options, user, contribution, keys);
            CallLimits.Write(writer, contribution, keys);
            if (keys.Contains(ApprovalRules.AllowAllKey))
            {
                // The user's own, or on later CLIs none, would let every call through.
                writer.WriteBoolean(ApprovalRules.AllowAllKey, false);
            }

            if (keys.Contains(GuardedFiles.Key))
            {
                GuardedFiles.Write(writer);
            }

            if (keys.Contains(DisabledServers.Key))
            {
                DisabledServers.WriteRest(writer, user!, disabledServers);
            }

            writer.WriteEndObject();
        }

        return new RunSettings(content.WrittenMemory, userFile, options.DangerouslyAllowAll && !allowAllByRule, keys, rejectMessages)
        {
            Held = held,
            NamesService = namesService,
            Warning = asks ? ApprovalRules.Warning(workspaceFile, workspaceRules) : null,
        };
    }

    private static void AddIf(List<string> keys, string key, bool condition)
    {
        if (condition)
        {
            keys.Add(key);
        }
    }

    // A file that the caller names must be there; the usual one may be missing.
    private static string? UserFileOf(AmpOptions options, IReadOnlyDictionary<string, string> environment)
    {
        if (options.SettingsFile is not string named)
        {
            return SettingsLocation.OfUser(environment);
        }

        if (BoundedFile.IsThere(named))
        {
            JsonSource.ReadObject(named, nameof(AmpOptions.SettingsFile)).Dispose();
            return named;
        }

        throw new AmpValidationException(
            $"The settings file '{named}' does not exist.", nameof(AmpOptions.SettingsFile), "Give an existing file.", named);
    }

    private static void WriteKept(Utf8JsonWriter writer, JsonDocument? user, List<string> keys)
    {
        if (user is null)
        {
            return;
        }

        // A name that comes twice has its last value, as in JavaScript.
        Dictionary<string, JsonElement> last = [];
        foreach (JsonProperty property in user.RootElement.EnumerateObject())
        {
            last[property.Name] = property.Value;
        }

        foreach ((string name, JsonElement value) in last)
        {
            if (!keys.Contains(name))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }
    }

    // First match wins: the call's rules, the user's, what the workspace forbids, the services', and only then all the rest. A reject of the
    // user's that a rule of the call would hide stands before the call's.
    private static void WritePermissions(
        Utf8JsonWriter writer,
        AmpOptions options,
        JsonElement[] userRules,
        JsonElement[] workspaceRejects,
        RunContribution contribution,
        bool allowAllByRule,
        List<string> keys)
    {
        if (!keys.Contains(SettingsRules.Key))
        {
            return;
        }

        IReadOnlyList<AmpPermission> callRules = options.Permissions ?? [];
        JsonElement[] hidden = [.. userRules.Where(rule => SettingsRules.IsReject(rule) && callRules.Any(call => WouldHide(call, rule)))];
        writer.WriteStartArray(SettingsRules.Key);
        WriteRules(writer, options, hidden, userRules, workspaceRejects, contribution, allowAllByRule);
        writer.WriteEndArray();
    }

    private static void WriteRules(
        Utf8JsonWriter writer,
        AmpOptions options,
        JsonElement[] hidden,
        JsonElement[] userRules,
        JsonElement[] workspaceRejects,
        RunContribution contribution,
        bool allowAllByRule)
    {
        IReadOnlyList<AmpPermission> callRules = options.Permissions ?? [];
        if (!contribution.Toolbox.IsEmpty)
        {
            ArrayBufferWriter<byte> all = new();
            using (Utf8JsonWriter copy = new(all))
            {
                copy.WriteStartArray();
                WriteRules(copy, options, hidden, userRules, workspaceRejects, contribution with { Toolbox = ToolboxNames.None }, allowAllByRule);
                copy.WriteEndArray();
            }

            using JsonDocument rules = JsonDocument.Parse(all.WrittenMemory);
            contribution.Toolbox.WriteRules(writer, rules.RootElement);
        }

        foreach (JsonElement rule in hidden)
        {
            rule.WriteTo(writer);
        }

        // Nobody is there to be asked; the flag that the last rule stands for would not ask either.
        foreach (AmpPermission rule in callRules.Where(rule => !allowAllByRule || rule.Action != PermissionAction.Ask))
        {
            rule.WriteTo(writer, contribution.Approver);
        }

        foreach (JsonElement rule in userRules.Except(hidden).Concat(workspaceRejects).Where(rule => !allowAllByRule || SettingsRules.ActionOf(rule) != "ask"))
        {
            ApprovalRules.Write(writer, rule, contribution.Approver);
        }

        ApprovalRules.WriteLast(writer, contribution.Approver);
        foreach (AmpPermission rule in contribution.LastRules)
        {
            rule.WriteTo(writer);
        }

        if (allowAllByRule)
        {
            writer.WriteStartObject();
            writer.WriteString("tool", "*");
            writer.WriteString("action", "allow");
            writer.WriteEndObject();
        }
    }

    private static bool WouldHide(AmpPermission call, JsonElement userReject) =>
        call.Action != PermissionAction.Reject
        && ToolOverlap.IsPossible(call.Tool, SettingsRules.ToolOf(userReject));

    private static void WriteOthers(Utf8JsonWriter writer, AmpOptions options, JsonDocument? user, RunContribution contribution, List<string> keys)
    {
        if (options.EnabledTools is IReadOnlyList<string> tools)
        {
            WriteTexts(writer, EnabledTools, tools.Count == 0 ? [NoTool] : tools);
        }
        else if (keys.Contains(EnabledTools))
        {
            WriteTexts(writer, EnabledTools, contribution.Toolbox.WithOffered(ListOf(user, EnabledTools)));
        }

        if (keys.Contains(DisabledTools))
        {
            WriteTexts(writer, DisabledTools, contribution.Toolbox.WithOffered(ListOf(user, DisabledTools)));
        }

        if (options.SystemPrompt is string prompt)
        {
            writer.WriteString(SystemPrompt, UserText(user, SystemPrompt) is string own ? $"{own}\n\n{prompt}" : prompt);
        }

        if (options.Skills is string skills)
        {
            // A list of folders as in PATH.
            writer.WriteString(SkillsPath, UserText(user, SkillsPath) is string own ? $"{skills}{Path.PathSeparator}{own}" : skills);
        }
    }

    private static void WriteTexts(Utf8JsonWriter writer, string key, IEnumerable<string> texts)
    {
        writer.WriteStartArray(key);
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static string[] ListOf(JsonDocument? user, string key) =>
        user is not null && user.RootElement.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : [];

    private static string? UserText(JsonDocument? user, string key) =>
        user is not null && user.RootElement.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 } text
                ? text
                : null;
}
