using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Amp.Cli;
using Amp.Options;
using Amp.Processes;

namespace Amp.Ssh;

/// <summary>How the SSH client is started. Its arguments are public on both machines, so nothing of a run but its host is in them.</summary>
internal static partial class SshArguments
{
    // The first value that SSH gets of an option applies. Nobody can answer a question, and nothing else is to be started or forwarded.
    private static readonly string[] s_fixed =
    [
        "BatchMode=yes", "RequestTTY=no", "RemoteCommand=none", "PermitLocalCommand=no",
        "ControlMaster=no", "ControlPath=none", "ClearAllForwardings=yes", "ForwardX11=no", "LogLevel=INFO",
    ];

    // Since OpenSSH 8.7. An older client does not know them, and no configuration of it can have them.
    private static readonly string[] s_newer = ["ForkAfterAuthentication=no", "StdinNull=no", "SessionType=default"];

    // The client is in no group of a terminal, so that Ctrl+C there reaches this process alone, which ends the run; and it has no terminal, so that the
    // client of a host in between cannot ask there.
    private const string Apart = "trap '' INT; " + OwnSession.Script;

    private static readonly ConcurrentDictionary<string, bool> s_old = new();

    private static readonly HashSet<string> s_refused = new(
        [.. s_fixed.Concat(s_newer).Select(option => option[..option.IndexOf('=', StringComparison.Ordinal)]), "LocalCommand", "Host", "Match", "Include"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Checks the options of the client, which needs neither the client nor a file.</summary>
    /// <exception cref="AmpValidationException">An option cannot be used.</exception>
    public static void CheckOptions(SshTransport transport)
    {
        foreach ((string name, string value) in transport.Options ?? new Dictionary<string, string>())
        {
            if (!NamePattern().IsMatch(name) || s_refused.Contains(name) || value is null || value.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0)
            {
                throw new AmpValidationException(
                    s_refused.Contains(name) ? $"The SSH option '{name}' cannot be set for a run." : $"'{TerminalText.Strip(name)}' is not a valid SSH option, or its value has more than one line.",
                    nameof(SshTransport.Options),
                    "Give options of ssh_config, each as a name and a value.",
                    TerminalText.Strip(name));
            }
        }
    }

    /// <summary>Checks the files of a transport.</summary>
    /// <exception cref="AmpValidationException">A file does not exist, or the client cannot be executed.</exception>
    public static void CheckFiles(SshTransport transport)
    {
        foreach ((string name, string? path) in ((string, string?)[])
            [(nameof(SshTransport.KeyFilePath), transport.KeyFilePath), (nameof(SshTransport.ConfigFile), transport.ConfigFile), (nameof(SshTransport.SshPath), transport.SshPath)])
        {
            if (path is not null && !File.Exists(path))
            {
                throw new AmpValidationException($"The file '{TerminalText.Strip(path)}' does not exist.", name, "Give an existing file.", TerminalText.Strip(path));
            }
        }

        if (transport.SshPath is string program && !OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(program) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) == 0)
        {
            throw new AmpValidationException(
                $"The file '{TerminalText.Strip(program)}' cannot be executed.", nameof(SshTransport.SshPath), "Give the path of an SSH client.", TerminalText.Strip(program));
        }
    }

    /// <summary>Gets the command.</summary>
    /// <param name="transport">The host.</param>
    /// <param name="log">The file for the client's own messages, which are then not among those of the CLI.</param>
    /// <param name="remote">What the shell of the host is to do.</param>
    /// <exception cref="AmpCliNotFoundException">There is no SSH client.</exception>
    public static ProcessCommand Command(SshTransport transport, string log, string remote)
    {
        Dictionary<string, string> environment = RunEnvironment.Build(changes: null);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string folder = Directory.Exists(home) ? home : Path.GetTempPath();
        string program = Program(transport, environment);
        List<string> arguments = ["-T", "-E", log];
        if (transport.ConfigFile is string configuration)
        {
            arguments.AddRange(["-F", Path.GetFullPath(configuration)]);
        }

        int every = (int)Math.Ceiling(transport.KeepAliveInterval.TotalSeconds);
        foreach (string option in (string[])
            [
                .. s_fixed,
                .. s_old.ContainsKey(program) ? [] : s_newer,
                .. (transport.Options ?? new Dictionary<string, string>()).Select(option => $"{option.Key}={option.Value}"),
                string.Create(CultureInfo.InvariantCulture, $"ConnectTimeout={(int)Math.Ceiling(transport.ConnectTimeout.TotalSeconds)}"),
                string.Create(CultureInfo.InvariantCulture, $"ServerAliveInterval={every}"),
                "ServerAliveCountMax=3",
                "ForwardAgent=no",
            ])
        {
            arguments.AddRange(["-o", option]);
        }

        if (transport.Port is int port)
        {
            arguments.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        }

        if (transport.UserName is string user)
        {
            arguments.AddRange(["-l", user]);
        }

        if (transport.KeyFilePath is string key)
        {
            arguments.AddRange(["-i", Path.GetFullPath(key)]);
        }

        // Variables of this machine can be sent by the user's configuration (SendEnv), and those of Amp are not for the host.
        foreach (string name in environment.Keys.Where(name => name.StartsWith("AMP_", StringComparison.OrdinalIgnoreCase) && name != RunMark.VariableName).ToArray())
        {
            environment.Remove(name);
        }

        environment["SSH_ASKPASS_REQUIRE"] = "never";
        arguments.AddRange(["--", transport.HostName, remote]);
        bool isUnix = !OperatingSystem.IsWindows();
        return new ProcessCommand(
            isUnix ? "/bin/sh" : program, isUnix ? ["-c", Apart, "sh", program, .. arguments] : arguments, folder, environment, Guid.NewGuid().ToString("N"));
    }

    /// <summary>Learns that a client does not know the newer options. It says so before it does anything.</summary>
    /// <param name="transport">The host, which decides about the client.</param>
    /// <param name="said">What the client has said.</param>
    /// <returns>Whether the client is to be started again.</returns>
    public static bool LearnOld(SshTransport transport, string said)
    {
        if (!s_newer.Any(option => said.Contains($"Bad configuration option: {option[..option.IndexOf('=', StringComparison.Ordinal)]}", StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }

        s_old[Program(transport, RunEnvironment.Build(changes: null))] = true;
        return true;
    }

    /// <summary>
    /// Gets the command for the shell of the user on the host, whatever shell that is. It reads the script that runs there from its standard input,
    /// byte by byte, because what follows is for the script.
    /// </summary>
    public static string Remote(ReadOnlySpan<byte> script) =>
        string.Create(CultureInfo.InvariantCulture, $"exec sh -c 'eval \"$(dd bs=1 count={script.Length} 2>/dev/null)\"'");

    /// <summary>Quotes a text for a POSIX shell.</summary>
    public static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static string Program(SshTransport transport, Dictionary<string, string> environment) => transport.SshPath is string given ? Path.GetFullPath(given)
        : new CliLocator(environment, CurrentFolder()).FindOnPath(OperatingSystem.IsWindows() ? "ssh.exe" : "ssh")
        ?? throw new AmpCliNotFoundException(
            "ssh was not found on PATH. A run on another machine requires it.", "Install the OpenSSH client.");

    // On Unix, the current directory can be removed. Then nothing on PATH is in it.
    private static string CurrentFolder()
    {
        try
        {
            return Environment.CurrentDirectory;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Path.GetTempPath();
        }
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
