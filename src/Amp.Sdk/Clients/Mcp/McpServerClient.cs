using System.Text.Json;
using Amp.Cli;
using Amp.Clients.Mcp;
using Amp.Mcp;
using Amp.Settings;
using Amp.Settings.Editing;
using Amp.Text;

namespace Amp;

/// <summary>Gets, adds, removes, tests and approves MCP servers, and manages their logins.</summary>
public sealed class McpServerClient
{
    private const string Key = "amp.mcpServers";
    private const string NameOption = nameof(McpServer.Name);
    private const string WayOut = "Install another version of the CLI.";

    private readonly CliOptions? _options;

    /// <summary>Creates a client. Nothing is started.</summary>
    /// <param name="options">The CLI and the settings to use.</param>
    public McpServerClient(CliOptions? options = null) => _options = options;

    /// <summary>The settings file that servers are added to and removed from. It may not exist. The CLI is not asked.</summary>
    /// <exception cref="AmpValidationException">No settings file can be located.</exception>
    public string SettingsPath(SettingsScope scope = SettingsScope.User) => SettingsTarget.Of(_options, scope);

    /// <summary>Gets the servers in the user and workspace settings.</summary>
    /// <param name="includeState">Whether to get their state, as <see cref="TestAsync"/> does. Otherwise, only the CLI is started.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="AmpException">The CLI was not found, failed, exceeded the time limit, or returned an unknown answer.</exception>
    public async Task<IReadOnlyList<McpServerEntry>> ListAsync(bool includeState = false, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        (IReadOnlyList<McpServerEntry> entries, SecretRedactor redactor) = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        if (!includeState || entries.Count == 0)
        {
            return entries;
        }

        IReadOnlyList<McpServerState> states = await CheckAsync(connection, null, redactor, cancellationToken).ConfigureAwait(false);

        // If both settings have a server of the same name, the one in the workspace settings applies.
        return [.. entries.Select(entry => entries.Any(other => other.Name == entry.Name && other.IsWorkspace && !entry.IsWorkspace)
            ? entry
            : entry.With(states.FirstOrDefault(state => state.Name == entry.Name)))];
    }

    /// <summary>
    /// Gets one server of the user or workspace settings. If both have a server of that name, the one in the workspace settings applies.
    /// </summary>
    /// <exception cref="AmpException">The server does not exist, or the CLI was not found, failed, exceeded the time limit, or returned an
    /// unknown answer.</exception>
    public async Task<McpServerEntry> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<McpServerEntry> entries = await ListAsync(includeState: false, cancellationToken).ConfigureAwait(false);
        RefuseUnknown(entries, name, _ => true, "in the settings");
        return InForce(entries, name);
    }

    /// <summary>
    /// Adds servers to the settings. They are written to the settings file and not passed to the CLI's own command, because every user of
    /// the machine could read its arguments. If the file gets secrets, other users lose access to it.
    /// </summary>
    /// <param name="servers">The servers. Either all of them are added, or none.</param>
    /// <param name="replace">Whether existing servers of the same name are replaced.</param>
    /// <param name="scope">The settings to change.</param>
    /// <param name="cancellationToken">Cancels the operation. The file is then unchanged.</param>
    /// <exception cref="AmpException">A server of that name exists, the file cannot be read or written, or no CLI was found that reads it.
    /// Nothing was written.</exception>
    public async Task AddAsync(
        IReadOnlyList<McpServer> servers,
        bool replace = false,
        SettingsScope scope = SettingsScope.User,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(servers);
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (McpServer server in servers)
        {
            string name = (server ?? throw new AmpValidationException("One of the MCP servers is null.", "Server", "Omit it.")).Name;
            if (!names.Add(name))
            {
                throw new AmpValidationException($"There are two MCP servers with the name '{name}'.", NameOption, "Give each server a unique name.", name);
            }
        }

        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        HashSet<string> taken = [.. (await ReadAsync(connection, cancellationToken).ConfigureAwait(false)).Entries
            .Where(entry => IsIn(entry, scope))
            .Select(entry => entry.Name)];
        SettingsWriter.Change(
            SettingsPath(scope),
            text =>
            {
                RefuseOtherFile(connection, text, taken, scope);
                foreach (McpServer server in servers)
                {
                    if (!replace && taken.Contains(server.Name))
                    {
                        throw new AmpValidationException(
                            $"'{SettingsPath(scope)}' already has an MCP server '{server.Name}'.", NameOption, "Replace it, or use another name.", server.Name);
                    }

                    text.SetMember(Key, server.Name, server.WriteTo);
                }
            },
            holdsSecrets: servers.Any(server => server.SecretValues.Any()),
            cancellationToken);
    }

    /// <summary>Removes a server from the settings. Comments are kept. The login on the server is not ended.</summary>
    /// <exception cref="AmpException">The server does not exist, or the file cannot be read or written.</exception>
    public async Task RemoveAsync(string name, SettingsScope scope = SettingsScope.User, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        (IReadOnlyList<McpServerEntry> entries, _) = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        RefuseUnknown(entries, name, entry => IsIn(entry, scope), $"in the {ScopeName(scope)} settings");
        SettingsWriter.Change(
            SettingsPath(scope),
            text =>
            {
                RefuseOtherFile(connection, text, [.. entries.Where(entry => IsIn(entry, scope)).Select(entry => entry.Name)], scope);
                text.RemoveMember(Key, name);
            },
            holdsSecrets: false,
            cancellationToken);
    }

    /// <summary>
    /// Has the CLI start or call its servers and get their tools. Takes up to 30 seconds if a server has no tools or does not answer, and
    /// requires an API key.
    /// </summary>
    /// <param name="name">The name of a server; null for all servers.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="AmpException">The server does not exist, no key or CLI was found, the CLI exceeded the time limit, or it returned
    /// an unknown answer.</exception>
    public async Task<IReadOnlyList<McpServerState>> TestAsync(string? name = null, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        (IReadOnlyList<McpServerEntry> entries, SecretRedactor redactor) = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        if (name is not null)
        {
            RefuseUnknown(entries, name, _ => true, "in the settings");
        }
        else if (entries.Count == 0)
        {
            return [];
        }

        return await CheckAsync(connection, name, redactor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Approves a server of the workspace settings, which runs its program with the user's rights. Requires an API key.</summary>
    /// <exception cref="AmpException">The server does not exist in the workspace settings, no key or CLI was found, or the CLI does not
    /// have the command or failed.</exception>
    public async Task ApproveAsync(string name, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        connection.Require("mcp approve", "Use a CLI of 2026-01-26 or later, or approve the server in the CLI.");
        RefuseUnknown(
            (await ReadAsync(connection, cancellationToken).ConfigureAwait(false)).Entries, name, entry => entry.IsWorkspace, "in the workspace settings");
        await connection.RunAsync(["mcp", "approve", "--", name], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Registers the client that the CLI uses to log in to a server. The CLI opens a browser when it next connects to the server, not now.
    /// To use a client with a secret, use <see cref="McpOAuth"/>: here, the secret would be a public argument.
    /// </summary>
    /// <param name="name">The name of the server.</param>
    /// <param name="clientId">The ID of the client that is registered with the server.</param>
    /// <param name="url">The URL of the server; null for the one in the settings.</param>
    /// <param name="authUrl">The URL where the user authorizes the client; null if the CLI should ask the server for it.</param>
    /// <param name="tokenUrl">The URL that issues tokens; null if the CLI should ask the server for it.</param>
    /// <param name="scopes">The OAuth scopes to request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="AmpException">A value cannot be used, the server does not exist, or the CLI was not found, failed or exceeded the
    /// time limit.</exception>
    public async Task ConnectAsync(
        string name,
        string clientId,
        string? url = null,
        string? authUrl = null,
        string? tokenUrl = null,
        IEnumerable<string>? scopes = null,
        CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        connection.Require("mcp oauth login", WayOut);
        (IReadOnlyList<McpServerEntry> entries, _) = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        RefuseUnknown(entries, name, _ => true, "in the settings");
        url ??= InForce(entries, name).Url ?? throw new AmpValidationException(
            $"The MCP server '{name}' is a program; it has no login.", NameOption, "Name a server with a URL.", name);
        List<string> command =
        [
            "mcp", "oauth", "login",
            $"--server-url={Address(url, nameof(McpHttpServer.Url))}",
            $"--client-id={McpCheck.Text(clientId, "OAuthClientId")}",
        ];
        AddIf(command, "--auth-url", authUrl is null ? null : Address(authUrl, "OAuthAuthorizationUrl"));
        AddIf(command, "--token-url", tokenUrl is null ? null : Address(tokenUrl, "OAuthTokenUrl"));
        AddIf(command, "--scopes", scopes is null ? null : string.Join(',', McpCheck.Scopes(scopes, "OAuthScope")));
        try
        {
            await connection.RunAsync([.. command, "--", name], cancellationToken).ConfigureAwait(false);
        }
        catch (AmpProcessException exception) when (exception.ErrorId == AmpErrorId.ServiceUnreachable || CliFaultText.TellsUnreachableServer(exception.StandardError))
        {
            // For this command, the CLI asks the server, and not the Amp service, for the authorization URL.
            throw new AmpProcessException(
                $"The MCP server '{name}' could not be reached to get the addresses of its login.",
                AmpErrorId.CliFailed,
                $"Check that the server runs and that its address is correct, or give both addresses, authUrl and tokenUrl.",
                exception)
            {
                ExitCode = exception.ExitCode,
                Signal = exception.Signal,
                StandardError = exception.StandardError,
            };
        }
    }

    /// <summary>Removes the stored login of a server, and the client that <see cref="ConnectAsync"/> registered.</summary>
    /// <exception cref="AmpException">The server does not exist, or the CLI was not found, failed or exceeded the time limit.</exception>
    public async Task DisconnectAsync(string name, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        connection.Require("mcp oauth logout", WayOut);

        // The CLI reports success for unknown names too.
        RefuseUnknown((await ReadAsync(connection, cancellationToken).ConfigureAwait(false)).Entries, name, _ => true, "in the settings");
        await connection.RunAsync(["mcp", "oauth", "logout", "--", name], cancellationToken).ConfigureAwait(false);
    }

    private static async Task<(IReadOnlyList<McpServerEntry> Entries, SecretRedactor Redactor)> ReadAsync(
        CliConnection connection, CancellationToken cancellationToken)
    {
        connection.Require("mcp list", WayOut);
        string[] command = ["mcp", "list", "--json"];
        CliAnswer answer = await connection.RunAsync(command, cancellationToken).ConfigureAwait(false);
        try
        {
            return (McpListJson.Parse(answer.Output), new SecretRedactor(connection.Environment, McpListJson.SecretValues(answer.Output)));
        }
        catch (FormatException exception)
        {
            // The text would show secrets in the settings.
            throw connection.Unreadable(command, exception.Message, $"({answer.Output.Length} characters, not shown)");
        }
    }

    private static async Task<IReadOnlyList<McpServerState>> CheckAsync(
        CliConnection connection, string? name, SecretRedactor redactor, CancellationToken cancellationToken)
    {
        connection.Require("mcp doctor", WayOut);
        string[] command = name is null ? ["mcp", "doctor"] : ["mcp", "doctor", "--", name];
        CliAnswer answer = await connection.RunAsync(command, cancellationToken).ConfigureAwait(false);
        string text = redactor.Redact(TerminalText.Strip(answer.Output));
        try
        {
            return McpDoctorText.Parse(text);
        }
        catch (FormatException exception)
        {
            throw connection.Unreadable(command, exception.Message, text, exception);
        }
    }

    private static string Address(string text, string optionName)
    {
        McpUrl url = McpUrl.Of(text, optionName);
        return url.Secrets.Count == 0 && !text.Contains(SecretText.Mask, StringComparison.Ordinal)
            ? url.Text
            : throw new AmpValidationException(
                $"{optionName} contains a secret, which every user of the machine could read in the CLI's arguments.",
                optionName,
                "Give an address without it.");
    }

    private static void AddIf(List<string> command, string option, string? value)
    {
        if (value is not null)
        {
            command.Add($"{option}={value}");
        }
    }

    // If both settings have a server of the name, the one in the workspace settings applies.
    private static McpServerEntry InForce(IReadOnlyList<McpServerEntry> entries, string name) =>
        entries.Where(entry => entry.Name == name).OrderByDescending(entry => entry.IsWorkspace).First();

    private static bool IsIn(McpServerEntry entry, SettingsScope scope) => scope == SettingsScope.Workspace ? entry.IsWorkspace : entry.Source == "global";

    private static string ScopeName(SettingsScope scope) => scope == SettingsScope.Workspace ? "workspace's" : "user's";

    private static void RefuseUnknown(IReadOnlyList<McpServerEntry> entries, string name, Func<McpServerEntry, bool> isMeant, string where)
    {
        if (!entries.Any(entry => entry.Name == name && isMeant(entry)))
        {
            string shown = TerminalText.Strip(name);
            McpServerEntry? other = entries.FirstOrDefault(entry => entry.Name == name);
            throw new AmpValidationException(
                $"There is no MCP server '{shown}' {where}" + (other is null ? "." : $"; the settings of '{other.Source}' have one with that name."),
                NameOption,
                "Use McpServerClient.ListAsync to list the servers.",
                name);
        }
    }

    private static void RefuseOtherFile(CliConnection connection, SettingsText text, HashSet<string> listed, SettingsScope scope)
    {
        if (!listed.SetEquals(text.MemberNames(Key)))
        {
            throw new AmpProcessException(
                $"The Amp CLI {connection.Cli.Version} does not list the MCP servers of the {ScopeName(scope)} settings file: it reads another file.",
                AmpErrorId.CliFailed,
                "Give the settings file with CliOptions.SettingsFile. If the file has just been changed, try again.");
        }
    }
}
