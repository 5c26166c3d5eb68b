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

/// <summary>Reads, adds and tests the rules that say what becomes of the agent's tool calls. Needs no network and no key.</summary>
public sealed class PermissionClient
{
    private const string Key = "amp.permissions";
    private const string WayOut = "Install another version of the CLI.";

    private readonly CliOptions? _options;

    /// <summary>Makes a client; nothing is started.</summary>
    /// <param name="options">Which CLI, and which settings.</param>
    public PermissionClient(CliOptions? options = null) => _options = options;

    /// <summary>The settings file that <see cref="AddAsync"/> changes; it need not be there. No CLI is asked.</summary>
    /// <exception cref="AmpValidationException">There is no place for one.</exception>
    public string SettingsPath(SettingsScope scope = SettingsScope.User) => SettingsTarget.Of(_options, scope);

    /// <summary>The rules of the user or the workspace, as they stand in the settings.</summary>
    /// <exception cref="AmpException">There is no CLI, it failed, took too long, or answers something unknown.</exception>
    public async Task<IReadOnlyList<AmpPermission>> ListAsync(
        SettingsScope scope = SettingsScope.User, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        return await ListAsync(connection, ScopeOption(scope), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The rules that are built into the CLI, behind all others.</summary>
    /// <exception cref="AmpException">There is no CLI, it failed, took too long, or answers something unknown.</exception>
    public async Task<IReadOnlyList<AmpPermission>> ListBuiltInAsync(CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        return await ListAsync(connection, "--builtin", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Puts rules before those that are there, as the CLI does, or behind them. The settings file is changed where the rules come in
    /// and nowhere else: the CLI's own command knows no nested matches, lists or numbers.
    /// </summary>
    /// <param name="rules">
    /// The rules, in the order in which they are to stand. One for a kind of tools becomes those that the CLI that is found understands.
    /// </param>
    /// <param name="append">Whether they come behind those that are there.</param>
    /// <param name="scope">Whose settings.</param>
    /// <param name="cancellationToken">Ends it; the file is as it was then.</param>
    /// <exception cref="AmpException">
    /// A rule cannot be used, the file cannot be read or written, or the CLI reads another one. Nothing has been written.
    /// </exception>
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
    /// Asks the CLI what becomes of a tool call, by the settings' rules or by rules that are given, and then by those that are built in.
    /// Nothing runs but the program that a matching rule delegates to.
    /// </summary>
    /// <param name="tool">The tool.</param>
    /// <param name="argument">
    /// The inputs of the call. The CLI can be asked about texts only, which every user of the machine can see while it runs. Other
    /// values are left out where no rule looks at them, and refused where one does.
    /// </param>
    /// <param name="rules">The rules to ask about; null for those of the settings.</param>
    /// <param name="context">Whose call.</param>
    /// <param name="scope">Whose settings.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AmpException">
    /// The call cannot be asked about, a rule is broken, no CLI was found, it failed, took too long, or answers something unknown.
    /// </exception>
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

    // A CLI of a later date may look elsewhere; a rule that nobody reads is worse than an error.
    private static void RefuseOtherFile(CliConnection connection, string path, IReadOnlyList<AmpPermission> listed)
    {
        if (!InFile(path).SequenceEqual(listed.Select(rule => rule.ToJson())))
        {
            throw new AmpProcessException(
                $"The Amp CLI {connection.Cli.Version} lists {listed.Count} rules, which are not those of '{path}': it reads other settings.",
                AmpErrorId.CliFailed,
                "Name the settings file by SettingsFile, or try again if it was changed at this moment.");
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
                // Written anew: there may be comments inside it.
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
