using System.Collections;
using System.Text;
using System.Text.Json;
using Amp.Cli;
using Amp.Clients;
using Amp.Json;
using Amp.Permissions;
using Amp.Plans;
using Amp.Settings;
using Amp.Settings.Editing;

namespace Amp;

/// <summary>Gets, adds and tests the rules for the agent's tool calls. Requires no network and no key.</summary>
public sealed class PermissionClient
{
    private const string Key = "amp.permissions";
    private const string WayOut = "Install another version of the CLI.";

    private readonly CliOptions? _options;

    /// <summary>Creates a client. Nothing is started.</summary>
    /// <param name="options">The CLI and the settings to use.</param>
    public PermissionClient(CliOptions? options = null) => _options = options;

    /// <summary>The settings file that <see cref="AddAsync"/> changes. It may not exist. The CLI is not asked.</summary>
    /// <exception cref="AmpValidationException">No settings file can be located.</exception>
    public string SettingsPath(SettingsScope scope = SettingsScope.User) => SettingsTarget.Of(_options, scope);

    /// <summary>Gets the rules in the user or workspace settings, in order.</summary>
    /// <exception cref="AmpException">The CLI was not found, failed, exceeded the time limit, or returned an unknown answer.</exception>
    public async Task<IReadOnlyList<AmpPermission>> ListAsync(
        SettingsScope scope = SettingsScope.User, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        return await ListAsync(connection, ScopeOption(scope), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets the built-in rules of the CLI, which come after all others.</summary>
    /// <exception cref="AmpException">The CLI was not found, failed, exceeded the time limit, or returned an unknown answer.</exception>
    public async Task<IReadOnlyList<AmpPermission>> ListBuiltInAsync(CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        return await ListAsync(connection, "--builtin", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Adds rules before the existing ones, as the CLI does, or after them. Only the place of the new rules in the settings file changes.
    /// The CLI's own command does not support nested matches, lists and numbers.
    /// </summary>
    /// <param name="rules">The rules, in the order in which they apply. A rule for a kind of tools is translated for the CLI that is
    /// found.</param>
    /// <param name="append">Whether the rules come after the existing ones.</param>
    /// <param name="scope">The settings to change.</param>
    /// <param name="cancellationToken">Cancels the operation. The file is then unchanged.</param>
    /// <exception cref="AmpException">A rule cannot be used, the file cannot be read or written, or the CLI reads another file. Nothing was
    /// written.</exception>
    public async Task AddAsync(
        IReadOnlyList<AmpPermission> rules,
        bool append = false,
        SettingsScope scope = SettingsScope.User,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rules);
        foreach (AmpPermission rule in rules)
        {
            (rule ?? throw new AmpValidationException("One of the rules is null.", "Permission", "Omit it.")).Check();
        }

        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        AmpPermission[] made = [.. KindRules.Of(rules, connection.Cli, connection.WorkingDirectory).Select(one => one.Rule)];
        IReadOnlyList<AmpPermission> listed = await ListAsync(connection, ScopeOption(scope), cancellationToken).ConfigureAwait(false);
        string path = SettingsPath(scope);
        RefuseOtherFile(connection, path, listed);
        SettingsWriter.Change(
            path,
            text => text.AddToList(Key, append, [.. made.Select(rule => (Action<Utf8JsonWriter>)rule.WriteTo)]),
            holdsSecrets: false,
            cancellationToken);
    }

    /// <summary>
    /// Asks the CLI what its rules decide about a tool call: the rules in the settings or the given ones, followed by the built-in rules.
    /// Only the program that a matching rule delegates to runs.
    /// </summary>
    /// <param name="tool">The name of the tool.</param>
    /// <param name="argument">The inputs of the call. Only strings can be tested, and every user of the machine can see them while the CLI
    /// runs. Other values are omitted if no rule uses them, and refused otherwise.</param>
    /// <param name="rules">The rules to test; null for those in the settings.</param>
    /// <param name="context">The caller of the tool.</param>
    /// <param name="scope">The settings whose rules are tested if <paramref name="rules"/> is null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="AmpException">The call cannot be tested, a rule is invalid, or the CLI was not found, failed, exceeded the time
    /// limit, or returned an unknown answer.</exception>
    public async Task<PermissionDecision> TestAsync(
        string tool,
        IDictionary? argument = null,
        IReadOnlyList<AmpPermission>? rules = null,
        PermissionContext context = PermissionContext.Thread,
        SettingsScope scope = SettingsScope.User,
        CancellationToken cancellationToken = default)
    {
        PermissionCall call = PermissionCall.Of(tool, argument);
        foreach (AmpPermission? rule in rules ?? [])
        {
            (rule ?? throw new AmpValidationException("One of the rules is null.", "Permission", "Omit it.")).Check();
        }

        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        connection.Require("permissions test", WayOut);
        PermissionSource source = rules is not null ? PermissionSource.Call
            : scope == SettingsScope.Workspace ? PermissionSource.Workspace : PermissionSource.User;
        rules ??= await ListAsync(connection, ScopeOption(scope), cancellationToken).ConfigureAwait(false);
        IReadOnlyList<AmpPermission> given = rules;
        IReadOnlyList<(AmpPermission Rule, int Source)> made = KindRules.Of(given, connection.Cli, connection.WorkingDirectory);
        rules = [.. made.Select(one => one.Rule)];
        if (call.HasUntold)
        {
            call.RefuseUntold(rules);
            call.RefuseUntold(await ListAsync(connection, "--builtin", cancellationToken).ConfigureAwait(false));
        }

        PermissionDecision decision = await new PermissionTest(connection, call, context).RunAsync(rules, source, cancellationToken).ConfigureAwait(false);
        return decision.Source != PermissionSource.BuiltIn && decision.Index is int index
            ? decision.Of(given[made[index].Source], made[index].Source)
            : decision;
    }

    private static string? ScopeOption(SettingsScope scope) => scope == SettingsScope.Workspace ? "--workspace" : null;

    private static async Task<IReadOnlyList<AmpPermission>> ListAsync(
        CliConnection connection, string? option, CancellationToken cancellationToken)
    {
        connection.Require("permissions list", WayOut);
        string[] command = option is null ? ["permissions", "list", "--json"] : ["permissions", "list", "--json", option];
        CliAnswer answer = await connection.RunAsync(command, cancellationToken).ConfigureAwait(false);
        try
        {
            return PermissionJson.List(answer.Output);
        }
        catch (FormatException exception)
        {
            throw connection.Unreadable(command, exception.Message, answer.Output, exception);
        }
    }

    // A later CLI may use another file. A rule that is never read is worse than an error.
    private static void RefuseOtherFile(CliConnection connection, string path, IReadOnlyList<AmpPermission> listed)
    {
        if (!InFile(path).SequenceEqual(listed.Select(rule => rule.ToJson())))
        {
            throw new AmpProcessException(
                $"The Amp CLI {connection.Cli.Version} lists {listed.Count} rules, which are not the rules in '{path}': it reads other settings.",
                AmpErrorId.CliFailed,
                "Give the settings file with CliOptions.SettingsFile. If the file has just been changed, try again.");
        }
    }

    private static List<string> InFile(string path)
    {
        List<string> result = [];
        if (!File.Exists(path))
        {
            return result;
        }

        using JsonDocument settings = JsonSource.ReadObject(path, nameof(CliOptions.SettingsFile));
        if (settings.RootElement.TryGetProperty(Key, out JsonElement rules) && rules.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement rule in rules.EnumerateArray())
            {
                // Written again, because it may contain comments.
                using MemoryStream bytes = new();
                using (Utf8JsonWriter writer = new(bytes))
                {
                    rule.WriteTo(writer);
                }

                try
                {
                    object? value = JsonValue.ParseOrNull(Encoding.UTF8.GetString(bytes.ToArray()));
                    result.Add(PermissionJson.Rule(value, $"rule {result.Count}").ToJson());
                }
                catch (FormatException exception)
                {
                    throw new AmpValidationException(
                        $"'{path}' {exception.Message}.", nameof(CliOptions.SettingsFile), "Fix the rule first.", path);
                }
            }
        }

        return result;
    }
}
