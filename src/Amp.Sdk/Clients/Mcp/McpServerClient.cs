using System.Text.Json;
using Amp.Cli;
using Amp.Clients.Mcp;
using Amp.Mcp;
using Amp.Settings;
using Amp.Settings.Editing;
using Amp.Text;

namespace Amp;

/// <summary>Lists, adds, removes, checks and approves MCP servers, and manages their logins.</summary>
public sealed class McpServerClient
{
    private const string Key = "amp.mcpServers";
    private const string NameOption = nameof(McpServer.Name);
    private const string WayOut = "Install another version of the CLI.";

    private readonly CliOptions? _options;

    /// <summary>Makes a client; nothing is started.</summary>
    /// <param name="options">Which CLI, and which settings.</param>
    public McpServerClient(CliOptions? options = null) => _options = options;

    /// <summary>The settings file that servers are added to and removed from; it need not be there. No CLI is asked.</summary>
    /// <exception cref="AmpValidationException">There is no place for one.</exception>
    public string SettingsPath(SettingsScope scope = SettingsScope.User) => SettingsTarget.Of(_options, scope);

    /// <summary>The servers of the user's and the workspace's settings.</summary>
    /// <param name="includeState">Whether to tell how they are, as <see cref="TestAsync"/> does; otherwise nothing is started but the CLI.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AmpException">There is no CLI, it failed, took too long, or answers something unknown.</exception>
    public async Task<IReadOnlyList<McpServerEntry>> ListAsync(bool includeState = false, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        (IReadOnlyList<McpServerEntry> entries, SecretRedactor redactor) = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        if (!includeState || entries.Count == 0)
        {
            return entries;
        }

        IReadOnlyList<McpServerState> states = await CheckAsync(connection, null, redactor, cancellationToken).ConfigureAwait(false);

        // Where both settings have a server of one name, the workspace's is the one that counts.
        return [.. entries.Select(entry => entries.Any(other => other.Name == entry.Name && other.IsWorkspace && !entry.IsWorkspace)
            ? entry
            : entry.With(states.FirstOrDefault(state => state.Name == entry.Name)))];
    }

    /// <summary>One server of the user's or the workspace's settings; where both have one of the name, the workspace's, which counts.</summary>
    /// <exception cref="AmpException">There is none of that name, no CLI was found, it failed, took too long, or answers something unknown.</exception>
    public async Task<McpServerEntry> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<McpServerEntry> entries = await ListAsync(includeState: false, cancellationToken).ConfigureAwait(false);
        RefuseUnknown(entries, name, _ => true, "in the settings");
        return entries.Where(entry => entry.Name == name).OrderByDescending(entry => entry.IsWorkspace).First();
    }

    /// <summary>
    /// Adds servers to the settings. They are written to the settings file and not given to the CLI's own command, whose arguments
    /// every user of the machine could read. A file that gets secrets is closed to others.
    /// </summary>
    /// <param name="servers">The servers. All are added, or none.</param>
    /// <param name="replace">Whether servers that have these names already are replaced.</param>
    /// <param name="scope">Whose settings.</param>
    /// <param name="cancellationToken">Ends it; the file is as it was then.</param>
    /// <exception cref="AmpException">
    /// There is one of that name, the file cannot be read or written, or no CLI was found that reads it. Nothing has been written.
    /// </exception>
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
                throw new AmpValidationException($"There are two MCP servers with the name '{name}'.", NameOption, "Give each a name of its own.", name);
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

    /// <summary>Takes a server out of the settings; comments stay. Its login at the server is not ended.</summary>
    /// <exception cref="AmpException">There is none of that name, or the file cannot be read or written.</exception>
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
    /// Has the CLI start or call its servers and ask them for their tools. That takes up to 30 seconds where one of them has none or
    /// does not answer, and needs an API key.
    /// </summary>
    /// <param name="name">One server; null for all of them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AmpException">There is no such server, no key, no CLI, it took too long, or answers something unknown.</exception>
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

    /// <summary>
    /// Lets a server of the workspace's settings run, which starts its program with the user's rights. Needs an API key.
    /// </summary>
    /// <exception cref="AmpException">There is no such server in the workspace, no key, no CLI, the CLI lacks the command, or it failed.</exception>
    public async Task ApproveAsync(string name, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        connection.Require("mcp approve", "Use a CLI of 2026-01-26 or later, or approve the server in the CLI.");
        RefuseUnknown(
            (await ReadAsync(connection, cancellationToken).ConfigureAwait(false)).Entries, name, entry => entry.IsWorkspace, "in the workspace settings");
        await connection.RunAsync(["mcp", "approve", "--", name], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Registers the client by which the CLI logs in at a server. The CLI opens a browser for that when it next talks to the server,
    /// and not now. A client with a secret is given to <see cref="McpOAuth"/> instead: here it would be an argument, for all to read.
    /// </summary>
    /// <param name="name">The server.</param>
    /// <param name="clientId">The ID of the client that was registered at the server.</param>
    /// <param name="url">The server's address; null for that of the settings.</param>
    /// <param name="authUrl">The address at which the user agrees; null to have the CLI ask the server for it.</param>
    /// <param name="tokenUrl">The address at which tokens are given out; null to have the CLI ask the server for it.</param>
    /// <param name="scopes">What is asked for; one scope each.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AmpException">Something cannot be used, there is no such server, no CLI, it failed or took too long.</exception>
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
        url ??= entries.First(entry => entry.Name == name).Url ?? throw new AmpValidationException(
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
        catch (AmpProcessException exception) when (IsUnreachable(exception))
        {
            // For this command the CLI asks the server, and not the Amp service, where the user agrees.
            throw new AmpProcessException(
                $"The MCP server '{name}' could not be reached to get the addresses of its login.",
                AmpErrorId.CliFailed,
                $"Check that the server runs and that its address is right, or give both addresses: -AuthorizationUrl and -TokenUrl.",
                exception)
            {
                ExitCode = exception.ExitCode,
                Signal = exception.Signal,
                StandardError = exception.StandardError,
            };
        }
    }

    /// <summary>Forgets the login at a server, with the client that <see cref="ConnectAsync"/> registered.</summary>
    /// <exception cref="AmpException">There is no such server, no CLI, it failed or took too long.</exception>
    public async Task DisconnectAsync(string name, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        connection.Require("mcp oauth logout", WayOut);

        // The CLI says that it has removed what it does not know.
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
            // With the text, secrets of the settings would be shown.
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

    // "fetch failed" on the Node builds, the other on the native ones.
    private static bool IsUnreachable(AmpProcessException exception) =>
        exception.ErrorId == AmpErrorId.ServiceUnreachable
        || exception.StandardError.Contains("Unable to connect", StringComparison.Ordinal);

    private static void AddIf(List<string> command, string option, string? value)
    {
        if (value is not null)
        {
            command.Add($"{option}={value}");
        }
    }

    private static bool IsIn(McpServerEntry entry, SettingsScope scope) => scope == SettingsScope.Workspace ? entry.IsWorkspace : entry.Source == "global";

    private static string ScopeName(SettingsScope scope) => scope == SettingsScope.Workspace ? "workspace's" : "user's";

    private static void RefuseUnknown(IReadOnlyList<McpServerEntry> entries, string name, Func<McpServerEntry, bool> isMeant, string where)
    {
        if (!entries.Any(entry => entry.Name == name && isMeant(entry)))
        {
            string shown = TerminalText.Strip(name);
            McpServerEntry? other = entries.FirstOrDefault(entry => entry.Name == name);
            throw new AmpValidationException(
                $"There is no MCP server '{shown}' {where}" + (other is null ? "." : $"; one of that name is in those of '{other.Source}'."),
                NameOption,
                "Run Get-AmpMcpServer to list the servers.",
                name);
        }
    }

    private static void RefuseOtherFile(CliConnection connection, SettingsText text, HashSet<string> listed, SettingsScope scope)
    {
        if (!listed.SetEquals(text.MemberNames(Key)))
        {
            throw new AmpProcessException(
                $"The Amp CLI {connection.Cli.Version} lists other MCP servers than those of the {ScopeName(scope)} settings file: it reads another one.",
                AmpErrorId.CliFailed,
                "Name the settings file by SettingsFile, or try again if it was changed at this moment.");
        }
    }
}
