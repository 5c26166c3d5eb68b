using System.Buffers;
using System.Text.Json;

namespace Amp.Settings;

/// <summary>
/// Makes the settings of a run: those of the user, which <c>--settings-file</c> would otherwise hide, with those of the call.
/// The user's file stays as it is.
/// </summary>
internal sealed class RunSettings
{
    private const string Permissions = "amp.permissions";
    private const string EnabledTools = "amp.tools.enable";
    private const string SystemPrompt = "amp.systemPrompt";

    // The CLIs take an empty list for no list at all; of this name there is no tool.
    private const string NoTool = "no-tool-at-all";
    private const string SkillsPath = "amp.skills.path";

    private RunSettings(ReadOnlyMemory<byte>? content, string? userFile, bool passAllowAll, IReadOnlyList<string> keys)
    {
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

    /// <summary>Reads what is there and merges.</summary>
    /// <param name="options">The call's options.</param>
    /// <param name="workingDirectory">The folder in which the agent works.</param>
    /// <param name="environment">The variables that the CLI will have.</param>
    /// <param name="lastRules">Rules for what neither the call nor the user nor the workspace has decided.</param>
    /// <exception cref="AmpValidationException">A settings file is missing though it was named, or cannot be read.</exception>
    public static RunSettings Of(
        AmpOptions options, string workingDirectory, IReadOnlyDictionary<string, string> environment, IReadOnlyList<Permission> lastRules)
    {
        List<string> keys = [];
        AddIf(keys, Permissions, options.Permissions is { Count: > 0 } || lastRules.Count > 0);
        AddIf(keys, EnabledTools, options.EnabledTools is not null);
        AddIf(keys, SystemPrompt, options.SystemPrompt is not null);
        AddIf(keys, SkillsPath, options.Skills is not null);

        string? userFile = UserFileOf(options, environment);
        if (keys.Count == 0 && !options.DangerouslyAllowAll)
        {
            return new RunSettings(null, userFile, false, keys);
        }

        using JsonDocument? user = !File.Exists(userFile) ? null : JsonSource.ReadObject(userFile, nameof(AmpOptions.SettingsFile));
        JsonElement[] userRules = Rules(user, userFile);
        JsonElement[] workspaceRejects = options.DangerouslyAllowAll || lastRules.Count > 0 ? WorkspaceRejects(workingDirectory) : [];
        bool rejects = workspaceRejects.Length > 0 || userRules.Any(IsReject)
            || options.Permissions?.Any(rule => rule.Action == PermissionAction.Reject) == true;
        bool allowAllByRule = options.DangerouslyAllowAll && rejects;
        AddIf(keys, Permissions, allowAllByRule && !keys.Contains(Permissions));
        if (keys.Count == 0)
        {
            return new RunSettings(null, userFile, options.DangerouslyAllowAll, keys);
        }

        ArrayBufferWriter<byte> content = new();
        using (Utf8JsonWriter writer = new(content, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            WriteKept(writer, user, keys);
            WritePermissions(writer, options, userRules, workspaceRejects, lastRules, allowAllByRule, keys);
            WriteOthers(writer, options, user);
            writer.WriteEndObject();
        }

        return new RunSettings(content.WrittenMemory, userFile, options.DangerouslyAllowAll && !allowAllByRule, keys);
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

        if (File.Exists(named))
        {
            JsonSource.ReadObject(named, nameof(AmpOptions.SettingsFile)).Dispose();
            return named;
        }

        throw new AmpValidationException(
            $"There is no settings file '{named}'.", nameof(AmpOptions.SettingsFile), "Give a file that exists.", named);
    }

    private static JsonElement[] Rules(JsonDocument? settings, string? file)
    {
        if (settings is null || !settings.RootElement.TryGetProperty(Permissions, out JsonElement rules))
        {
            return [];
        }

        return rules.ValueKind == JsonValueKind.Array
            ? [.. rules.EnumerateArray()]
            : throw new AmpValidationException(
                $"'{Permissions}' in '{file}' is no list.", nameof(AmpOptions.SettingsFile), "Make it a list of rules.", file);
    }

    // A workspace's file is part of the project and so no friend: only what it forbids is taken over. A broken one is the
    // CLI's to complain about.
    private static JsonElement[] WorkspaceRejects(string workingDirectory)
    {
        if (SettingsLocation.OfWorkspace(workingDirectory) is not string file)
        {
            return [];
        }

        try
        {
            using JsonDocument settings = JsonSource.ReadObject(file, nameof(AmpOptions.WorkingDirectory));
            return [.. Rules(settings, file).Where(IsReject).Select(rule => rule.Clone())];
        }
        catch (AmpValidationException)
        {
            return [];
        }
    }

    private static bool IsReject(JsonElement rule) => ActionOf(rule) == "reject";

    private static string? ActionOf(JsonElement rule) =>
        rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty("action", out JsonElement action)
            && action.ValueKind == JsonValueKind.String
                ? action.GetString()
                : null;

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
        IReadOnlyList<Permission> lastRules,
        bool allowAllByRule,
        List<string> keys)
    {
        if (!keys.Contains(Permissions))
        {
            return;
        }

        IReadOnlyList<Permission> callRules = options.Permissions ?? [];
        JsonElement[] hidden = [.. userRules.Where(rule => IsReject(rule) && callRules.Any(call => WouldHide(call, rule)))];
        writer.WriteStartArray(Permissions);
        foreach (JsonElement rule in hidden)
        {
            rule.WriteTo(writer);
        }

        // Nobody is there to be asked; the flag that the last rule stands for would not ask either.
        foreach (Permission rule in callRules.Where(rule => !allowAllByRule || rule.Action != PermissionAction.Ask))
        {
            rule.WriteTo(writer);
        }

        foreach (JsonElement rule in userRules.Except(hidden).Concat(workspaceRejects).Where(rule => !allowAllByRule || ActionOf(rule) != "ask"))
        {
            rule.WriteTo(writer);
        }

        foreach (Permission rule in lastRules)
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

        writer.WriteEndArray();
    }

    private static bool WouldHide(Permission call, JsonElement userReject) =>
        call.Action != PermissionAction.Reject
        && (!userReject.TryGetProperty("tool", out JsonElement tool) || tool.ValueKind != JsonValueKind.String
            || ToolOverlap.IsPossible(call.Tool, tool.GetString()!));

    private static void WriteOthers(Utf8JsonWriter writer, AmpOptions options, JsonDocument? user)
    {
        if (options.EnabledTools is IReadOnlyList<string> tools)
        {
            writer.WriteStartArray(EnabledTools);
            foreach (string tool in tools.Count == 0 ? [NoTool] : tools)
            {
                writer.WriteStringValue(tool);
            }

            writer.WriteEndArray();
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

    private static string? UserText(JsonDocument? user, string key) =>
        user is not null && user.RootElement.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 } text
                ? text
                : null;
}
