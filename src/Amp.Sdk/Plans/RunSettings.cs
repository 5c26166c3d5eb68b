using System.Buffers;
using System.Text.Json;
using Amp.Cli;
using Amp.Permissions;
using Amp.Services;
using Amp.Settings;

namespace Amp.Plans;

/// <summary>
/// Creates the settings of a run: the user settings, which <c>--settings-file</c> would hide, merged with those of the call. The user's
/// file is not changed.
/// </summary>
internal sealed class RunSettings
{
    private const string SystemPrompt = "amp.systemPrompt";

    // The CLIs treat an empty list as no list. No tool has this name.
    private const string NoTool = "no-tool-at-all";
    private const string SkillsPath = "amp.skills.path";

    private readonly AmpOptions _options;
    private readonly StandingSettings _standing;
    private readonly IReadOnlyList<string> _disabledServers;
    private readonly AmpPermission[] _rules;
    private readonly JsonElement[] _workspaceRejects;
    private readonly bool _asks;
    private readonly bool _allowAllByRule;
    private readonly bool _leavesRulesOff;

    /// <param name="options">The options of the call, with the rules translated for the CLI.</param>
    /// <param name="standing">The settings that apply independently of the call.</param>
    /// <param name="disabledServers">The MCP servers that the call disables.</param>
    /// <param name="workingDirectory">The folder in which the agent works.</param>
    /// <param name="planned">The planned contributions of the run's services.</param>
    /// <param name="cli">The CLI that reads the settings; null for a preview with an unknown one.</param>
    public RunSettings(
        AmpOptions options,
        StandingSettings standing,
        IReadOnlyList<string> disabledServers,
        string workingDirectory,
        RunContribution planned,
        AmpCli? cli)
    {
        _options = options;
        _standing = standing;
        _disabledServers = disabledServers;
        _rules = [.. options.Permissions ?? []];
        _asks = planned.Approver is not null;
        _leavesRulesOff = CliChoice.LeavesRulesOff(cli);
        _workspaceRejects = [.. standing.WorkspaceRules.Where(SettingsRules.IsReject)];
        AmpPermission[] mayReject = [.. _rules.Where(MayReject)];
        RejectMessages = new RejectMessages(_rules, standing.UserRules.Concat(standing.WorkspaceRules));

        // The user's own setting means the same as the flag, and overrides rejects like the flag.
        bool rejects = _workspaceRejects.Length > 0 || standing.UserRules.Any(SettingsRules.IsReject) || mayReject.Length > 0;
        bool userAllowsAll = !_asks && mayReject.Length > 0 && ApprovalRules.AllowAll(standing.User);
        _allowAllByRule = (options.DangerouslyAllowAll && rejects) || userAllowsAll;
        PassAllowAll = options.DangerouslyAllowAll && !_allowAllByRule;
        Keys = KeysWith(planned);
        Held = Holding(options.Transport is { IsLocal: false } or { IsReplay: true } ? null : workingDirectory, mayReject.Length > 0);
    }

    /// <summary>The path of the user settings, if there are any; null if the user has no home folder.</summary>
    public string? UserFile => _standing.UserFile;

    /// <summary>Whether the CLI can get the flag that allows every tool call, which would override rejects too.</summary>
    public bool PassAllowAll { get; }

    /// <summary>The keys that the call sets or extends, as far as they are known before its services are open.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>The messages of the call's, the user's and the workspace's rules for rejected calls.</summary>
    public RejectMessages RejectMessages { get; }

    /// <summary>
    /// Whether a call that writes a file can only wait for an answer about a guarded file: not all calls are allowed, no rule decides about
    /// all such files, and no program about writing.
    /// </summary>
    public bool GuardsFiles => !PassAllowAll && !Keys.Contains(GuardedFiles.Key) && !Held.WaitsForProgram;

    /// <summary>What restricts the calls of the run.</summary>
    public HeldCalls Held { get; }

    /// <summary>Whether the user settings name a service.</summary>
    public bool NamesService => _standing.NamesService;

    /// <summary>Warnings about the settings of others.</summary>
    public IEnumerable<string> Warnings => ((string?[])
    [
        _asks ? ApprovalRules.Warning(_standing.WorkspaceFile, _standing.WorkspaceRules) : null,
        _options.SystemPrompt is null ? null : Replacement(SystemPrompt, nameof(AmpOptions.SystemPrompt)),
        _options.Skills is null ? null : Replacement(SkillsPath, nameof(AmpOptions.Skills)),
    ]).OfType<string>();

    /// <summary>Whether a rule, or the program that it delegates to, may reject a call.</summary>
    public static bool MayReject(AmpPermission rule) => rule.Action is PermissionAction.Reject or PermissionAction.Delegate;

    /// <summary>The merged settings; null if the call adds nothing and the user's file is used unchanged.</summary>
    /// <param name="contribution">The contributions of the run's open services.</param>
    public ReadOnlyMemory<byte>? Content(RunContribution contribution)
    {
        List<string> keys = KeysWith(contribution);
        if (keys.Count == 0)
        {
            return null;
        }

        ArrayBufferWriter<byte> content = new();
        using (Utf8JsonWriter writer = new(content, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            WriteKept(writer, _standing.User, keys);
            WritePermissions(writer, contribution, keys);
            WriteOthers(writer, contribution, keys);
            CallLimits.Write(writer, contribution, keys);
            if (keys.Contains(ApprovalRules.AllowAllKey))
            {
                // The user's own setting, or on later CLIs none, would allow every call.
                writer.WriteBoolean(ApprovalRules.AllowAllKey, false);
            }

            if (keys.Contains(GuardedFiles.Key))
            {
                GuardedFiles.Write(writer);
            }

            if (keys.Contains(DisabledServers.Key))
            {
                DisabledServers.WriteRest(writer, _standing.User!.Value, _disabledServers);
            }

            writer.WriteEndObject();
        }

        return content.WrittenMemory;
    }

    private HeldCalls Holding(string? workingDirectory, bool mayReject) => new(
        workingDirectory,
        _standing,
        _asks,
        mayReject || _standing.UserRules.Any(SettingsRules.MayReject),
        [
            .. _rules.Concat(_asks ? AmpPermission.ReadOnlyPreset : [])
                .Where(rule => rule.Action is PermissionAction.Allow or PermissionAction.Delegate).Select(rule => rule.Tool),
            .. _standing.UserRules.Concat(_standing.WorkspaceRules).Where(rule => SettingsRules.ActionOf(rule) is not ("reject" or "ask")).Select(SettingsRules.ToolOf),
        ],
        _rules.Where(rule => rule.Action == PermissionAction.Delegate).Select(rule => rule.Tool)
            .Concat(_standing.UserRules.Concat(_standing.WorkspaceRules).Where(rule => SettingsRules.ActionOf(rule) == "delegate").Select(SettingsRules.ToolOf)))
    {
        EnabledTools = _options.EnabledTools,
        ReadsUserFile = Keys.Count == 0,
    };

    // Of a key with one value, the CLI takes that of the workspace (2026-03-24).
    private string? Replacement(string key, string optionName) => TextOf(_standing.Workspace, key) is null
        ? null
        : TerminalText.Strip($"The settings of the project in '{_standing.WorkspaceFile}' set {key}, which the CLI uses instead of AmpOptions.{optionName}.");

    // The tools of a toolbox are known only when it is open. Until then, their names are not used.
    private List<string> KeysWith(RunContribution contribution)
    {
        JsonElement? user = _standing.User;
        List<string> keys = [];
        bool hasToolbox = !contribution.Toolbox.IsEmpty;

        // The rules and lists name these tools by names that this CLI does not have.
        bool renamesRules = hasToolbox && (!_options.DangerouslyAllowAll || _allowAllByRule)
            && (_standing.UserRules.Length > 0 || _workspaceRejects.Length > 0);
        AddIf(keys, SettingsRules.Key, _rules.Length > 0 || _asks || _allowAllByRule || renamesRules);
        bool hasOwnTools = hasToolbox || contribution.EnabledTools.Count > 0;
        bool isLimited = EnabledIn(user).Length > 0 || EnabledIn(_standing.Workspace).Length > 0;
        AddIf(keys, ToolLists.EnabledKey, _options.EnabledTools is not null || (hasOwnTools && isLimited));
        AddIf(keys, SystemPrompt, _options.SystemPrompt is not null);
        AddIf(keys, SkillsPath, _options.Skills is not null);
        bool putsRulesInForce = _leavesRulesOff && !_options.DangerouslyAllowAll && !ApprovalRules.HaveAllowAll(user);
        AddIf(keys, ApprovalRules.AllowAllKey, putsRulesInForce || ((_asks || _allowAllByRule) && ApprovalRules.HaveAllowAll(user)));
        AddIf(
            keys,
            GuardedFiles.Key,
            _leavesRulesOff && (_allowAllByRule || GuardedFiles.AreLeftToRules(_options, contribution, _standing.UserRules, _standing.WorkspaceRules)));
        AddIf(keys, ToolLists.DisabledKey, hasToolbox && ToolLists.Of(user, ToolLists.DisabledKey).Length > 0);
        AddIf(keys, DisabledServers.Key, DisabledServers.AreIn(user, _disabledServers));
        keys.AddRange(CallLimits.KeysOf(contribution, user));
        return keys;
    }

    private static void AddIf(List<string> keys, string key, bool condition)
    {
        if (condition)
        {
            keys.Add(key);
        }
    }

    private static void WriteKept(Utf8JsonWriter writer, JsonElement? user, List<string> keys)
    {
        if (user is null)
        {
            return;
        }

        // A repeated name has its last value, as in JavaScript.
        Dictionary<string, JsonElement> last = [];
        foreach (JsonProperty property in user.Value.EnumerateObject())
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

    // The first match applies: the rules of the call, of the user, the rejects of the workspace, those of the services, then all the rest.
    // A reject of the user that a rule of the call would hide comes before the call's rules.
    private void WritePermissions(Utf8JsonWriter writer, RunContribution contribution, List<string> keys)
    {
        if (!keys.Contains(SettingsRules.Key))
        {
            return;
        }

        writer.WriteStartArray(SettingsRules.Key);
        if (contribution.Toolbox.IsEmpty)
        {
            WriteRules(writer, contribution);
        }
        else
        {
            ArrayBufferWriter<byte> all = new();
            using (Utf8JsonWriter copy = new(all))
            {
                copy.WriteStartArray();
                WriteRules(copy, contribution);
                copy.WriteEndArray();
            }

            using JsonDocument rules = JsonDocument.Parse(all.WrittenMemory);
            contribution.Toolbox.WriteRules(writer, rules.RootElement);
            foreach (JsonElement rule in rules.RootElement.EnumerateArray())
            {
                rule.WriteTo(writer);
            }
        }

        writer.WriteEndArray();
    }

    private void WriteRules(Utf8JsonWriter writer, RunContribution contribution)
    {
        JsonElement[] hidden = [.. _standing.UserRules.Where(rule => SettingsRules.IsReject(rule) && _rules.Any(call => WouldHide(call, rule)))];
        foreach (JsonElement rule in hidden)
        {
            rule.WriteTo(writer);
        }

        // Nobody can be asked, and the flag that the last rule replaces would not ask either.
        foreach (AmpPermission rule in _rules.Where(rule => !_allowAllByRule || rule.Action != PermissionAction.Ask))
        {
            rule.WriteTo(writer, contribution.Approver);
        }

        // A workspace file is part of the project and not trusted: only its rejects are used, if its own position would be after the rule
        // that allows everything, or if it must be written again.
        JsonElement[] workspaceRejects = _options.DangerouslyAllowAll || !contribution.Toolbox.IsEmpty ? _workspaceRejects : [];
        foreach (JsonElement rule in _standing.UserRules.Except(hidden).Concat(workspaceRejects).Where(rule => !_allowAllByRule || SettingsRules.ActionOf(rule) != "ask"))
        {
            ApprovalRules.Write(writer, rule, contribution.Approver);
        }

        ApprovalRules.WriteLast(writer, contribution.Approver);
        if (_allowAllByRule)
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

    private void WriteOthers(Utf8JsonWriter writer, RunContribution contribution, List<string> keys)
    {
        JsonElement? user = _standing.User;
        if (_options.EnabledTools is IReadOnlyList<string> named)
        {
            string[] tools = [.. contribution.Toolbox.WithOffered(named), .. contribution.EnabledTools];
            WriteTexts(writer, ToolLists.EnabledKey, tools.Length == 0 ? [NoTool] : tools);
        }
        else if (keys.Contains(ToolLists.EnabledKey))
        {
            // Nobody wrote the list for the tools of this run, which it would hide. The CLI adds the list of the workspace itself.
            string[] own = EnabledIn(user);
            string[] workspace = EnabledIn(_standing.Workspace);
            IEnumerable<string> offered = contribution.Toolbox.WithOffered([.. own, .. workspace]).Except(workspace);
            WriteTexts(writer, ToolLists.EnabledKey, own.Union(offered).Union(contribution.EnabledTools));
        }

        if (keys.Contains(ToolLists.DisabledKey))
        {
            WriteTexts(writer, ToolLists.DisabledKey, contribution.Toolbox.WithOffered(ToolLists.Of(user, ToolLists.DisabledKey)));
        }

        if (_options.SystemPrompt is string prompt)
        {
            writer.WriteString(SystemPrompt, TextOf(user, SystemPrompt) is string own ? $"{own}\n\n{prompt}" : prompt);
        }

        if (_options.Skills is string skills)
        {
            // A list of folders as in PATH.
            writer.WriteString(SkillsPath, TextOf(user, SkillsPath) is string own ? $"{skills}{Path.PathSeparator}{own}" : skills);
        }
    }

    private static string[] EnabledIn(JsonElement? settings) => ToolLists.Of(settings, ToolLists.EnabledKey);

    private static void WriteTexts(Utf8JsonWriter writer, string key, IEnumerable<string> texts)
    {
        writer.WriteStartArray(key);
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static string? TextOf(JsonElement? settings, string key) =>
        settings is not null && settings.Value.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 } text
                ? text
                : null;
}
