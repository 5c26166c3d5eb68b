using System.Globalization;
using System.Text.RegularExpressions;
using Amp.Ssh;
using Amp.Transports;

namespace Amp;

/// <summary>
/// Runs the CLI on another machine over SSH, with the <c>ssh</c> client of this machine and its configuration. The host requires an SSH server, a POSIX
/// shell and the Amp CLI, but not this library. Everything that a run requires is sent by standard input to a private folder on the host, which is
/// removed with the run. The run ends on the host too if it is canceled or if the connection drops.
/// </summary>
/// <remarks>
/// Tools, approvals and structured answers (<see cref="AmpOptions.Tools"/>, <see cref="AmpOptions.Approval"/>, <see cref="AmpOptions.OutputSchema"/>) run
/// in this process, over the connection of the run; no port is forwarded. Files of this machine, such as those of
/// <see cref="AmpOptions.Skills"/>, cannot be used. <c>ssh</c> is never allowed to ask for a password. The working directory and the path of the CLI are those of the host; variables of this machine,
/// including <c>AMP_API_KEY</c>, are not sent: set <see cref="CliOptions.ApiKey"/>, or log in on the host. You can use one object for any number of runs.
/// </remarks>
public sealed partial class SshTransport : AmpTransport
{
    private readonly string _hostName;
    private readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(30);
    private readonly TimeSpan _keepAliveInterval = TimeSpan.FromSeconds(15);

    /// <summary>Creates a transport to a host.</summary>
    /// <param name="host">The host as <c>host</c>, <c>user@host</c>, <c>host:port</c> or <c>user@host:port</c>. Put an IPv6 address with a port in
    /// brackets. A name can be from your SSH configuration.</param>
    /// <param name="userName">The user, unless the host contains one; null for the default of SSH.</param>
    /// <param name="port">The port, unless the host contains one; null for the default of SSH.</param>
    /// <exception cref="AmpValidationException">The host is not valid.</exception>
    public SshTransport(string host, string? userName = null, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        Match parts = HostPattern().Match(host.StartsWith("ssh://", StringComparison.OrdinalIgnoreCase) ? host[6..] : host);
        string name = parts.Groups["name"].Success ? parts.Groups["name"].Value : parts.Groups["address"].Value;
        int? given = parts.Groups["port"].Success ? int.Parse(parts.Groups["port"].Value, CultureInfo.InvariantCulture) : port;
        if (port is < 1 or > 65535)
        {
            throw new AmpValidationException(
                $"{port} is not a valid port.", nameof(Port), "Give a port from 1 to 65535, or omit it.", port);
        }

        if (!parts.Success || given is < 1 or > 65535)
        {
            throw new AmpValidationException(
                $"'{TerminalText.Strip(host)}' is not a valid host.",
                nameof(HostName),
                "Give a host as 'host', 'user@host' or 'user@host:port'. For an IPv6 address with a port, use '[address]:port'.",
                TerminalText.Strip(host));
        }

        _hostName = name;
        UserName = parts.Groups["user"].Success ? parts.Groups["user"].Value : userName;
        Port = given;
        if (UserName is not null && !UserPattern().IsMatch(UserName))
        {
            throw new AmpValidationException(
                $"'{TerminalText.Strip(UserName)}' is not a valid user name.", nameof(UserName), "Give the name of a user on the host.");
        }
    }

    /// <inheritdoc/>
    public override string HostName => _hostName;

    /// <summary>The user on the host; null for the default of SSH.</summary>
    public string? UserName { get; }

    /// <summary>The port of the SSH server; null for the default of SSH.</summary>
    public int? Port { get; }

    /// <summary>The file of your private key; null for the keys of SSH. A key with a passphrase requires an SSH agent that holds it.</summary>
    public string? KeyFilePath { get; init; }

    /// <summary>
    /// Options of SSH, as in its configuration file: <c>ProxyJump</c>, <c>UserKnownHostsFile</c>. They override those of the configuration.
    /// <c>BatchMode</c>, and options that would start anything other than the CLI, cannot be set.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>The configuration file of SSH; null for those of the user and the system. If you set it, SSH reads no other configuration file.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>The full path of the <c>ssh</c> program; null to find it on <c>PATH</c>.</summary>
    public string? SshPath { get; init; }

    /// <summary>The time limit for the connection and the login. The default is 30 seconds.</summary>
    /// <exception cref="AmpValidationException">The time is not between 1 second and 1 day.</exception>
    public TimeSpan ConnectTimeout
    {
        get => _connectTimeout;
        init => _connectTimeout = Checked(value, nameof(ConnectTimeout));
    }

    /// <summary>
    /// The interval at which each side confirms that it is still connected. The default is 15 seconds. Both sides notice a silently lost connection after
    /// three to four intervals, and a closed connection immediately.
    /// </summary>
    /// <exception cref="AmpValidationException">The time is not between 1 second and 1 day.</exception>
    public TimeSpan KeepAliveInterval
    {
        get => _keepAliveInterval;
        init => _keepAliveInterval = Checked(value, nameof(KeepAliveInterval));
    }

    internal override bool IsLocal => false;

    /// <summary>Returns the host for messages, with its user and port.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(UserName is null ? string.Empty : UserName + "@")}{(Port is not null && _hostName.Contains(':', StringComparison.Ordinal) ? $"[{_hostName}]" : _hostName)}{(Port is int port ? $":{port}" : string.Empty)}");

    // The host is asked when the run starts.
    internal override CliProgram Find(CliLookup lookup)
    {
        SshArguments.CheckOptions(this);
        SshArguments.CheckFiles(this);
        StartScript.CheckNames(lookup.Environment.Keys.Concat(lookup.Removed), _hostName);
        string path = lookup.CliPath ?? "amp";
        return new CliProgram(path, path, null, CliForm.Native, lookup.CliPath is null ? CliSource.SearchPath : CliSource.Explicit);
    }

    internal override AmpCli? Recall(CliProgram program, CliLookup lookup) => null;

    internal override Task<AmpCli?> AskAsync(CliProgram program, CliLookup lookup, CancellationToken cancellationToken) => Task.FromResult<AmpCli?>(null);

    internal override async Task<RunConnection> ConnectAsync(CliProgram program, CliLookup lookup, CancellationToken cancellationToken) =>
        await SshConnection.OpenAsync(this, lookup, cancellationToken).ConfigureAwait(false);

    private static TimeSpan Checked(TimeSpan time, string optionName) => time.TotalSeconds is >= 1 and <= 86400 ? time : throw new AmpValidationException(
        $"{optionName} is {time}.", optionName, "Give a time between 1 second and 1 day.", time);

    // What a client could hand to a shell (ProxyCommand, Match exec) is refused, as OpenSSH does since 9.6. A backslash may separate a domain from a user.
    // An address with more than one colon and no brackets is one of IPv6 without a port.
    [GeneratedRegex(
        @"^(?:(?<user>[^@\s\p{C}]+)@)?(?:(?<name>[^-@:/\s\[\]\p{C}'`""$\\;&<>|(){}][^@:/\s\[\]\p{C}'`""$\\;&<>|(){}]*)(?::(?<port>[0-9]{1,5}))?|\[(?<address>[0-9A-Fa-f:.%\w]+)\](?::(?<port>[0-9]{1,5}))?|(?<address>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.%\w]*))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex HostPattern();

    [GeneratedRegex(@"^[^-@:/\s\p{C}'`"";&<>|(){}][^@:/\s\p{C}'`"";&<>|(){}]*(?<!\\)\z", RegexOptions.CultureInvariant)]
    private static partial Regex UserPattern();
}
