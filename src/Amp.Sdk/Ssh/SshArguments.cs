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
        "BatchMode=yes", "RequestTTY=no", "RemoteCommand=none", "PermitLocalCommand=no", "ForkAfterAuthentication=no", "StdinNull=no", "SessionType=default",
        "ControlMaster=no", "ClearAllForwardings=yes", "ForwardX11=no", "LogLevel=INFO",
    ];

    private static readonly HashSet<string> s_refused = new(
        [.. s_fixed.Select(option => option[..option.IndexOf('=', StringComparison.Ordinal)]), "LocalCommand", "Host", "Match", "Include"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Checks the options of a transport.</summary>
    /// <exception cref="AmpValidationException">An option cannot be used.</exception>
    public static void Check(SshTransport transport)
    {
        foreach ((string name, string value) in transport.Options ?? new Dictionary<string, string>())
        {
            if (!NamePattern().IsMatch(name) || s_refused.Contains(name) || value is null || value.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0)
            {
                throw new AmpValidationException(
                    s_refused.Contains(name) ? $"The SSH option '{name}' cannot be set for a run." : $"'{TerminalText.Strip(name)}' is not a valid SSH option, or its value is not one line.",
                    nameof(SshTransport.Options),
                    "Give options of ssh_config, each as a name and a value.",
                    TerminalText.Strip(name));
            }
        }

        foreach ((string name, string? path) in ((string, string?)[])
            [(nameof(SshTransport.KeyFilePath), transport.KeyFilePath), (nameof(SshTransport.ConfigFile), transport.ConfigFile), (nameof(SshTransport.SshPath), transport.SshPath)])
        {
            if (path is not null && !File.Exists(path))
            {
                throw new AmpValidationException($"The file '{TerminalText.Strip(path)}' does not exist.", name, "Give an existing file.", TerminalText.Strip(path));
            }
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
        string program = transport.SshPath is string given ? Path.GetFullPath(given)
            : new CliLocator(environment, Path.GetTempPath()).FindOnPath(OperatingSystem.IsWindows() ? "ssh.exe" : "ssh")
            ?? throw new AmpCliNotFoundException(
                "ssh was not found on PATH. A run on another machine requires it.", "Install the OpenSSH client.");
        List<string> arguments = ["-T", "-E", log];
        if (transport.ConfigFile is string configuration)
        {
            arguments.AddRange(["-F", Path.GetFullPath(configuration)]);
        }

        int every = (int)Math.Ceiling(transport.KeepAliveInterval.TotalSeconds);
        foreach (string option in (string[])
            [
                .. s_fixed,
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

        return new ProcessCommand(program, [.. arguments, "--", transport.HostName, remote], folder, environment, Guid.NewGuid().ToString("N"));
    }

    /// <summary>
    /// Gets the command for the shell of the user on the host, whatever shell that is. It reads the script that runs there from its standard input,
    /// byte by byte, because what follows is for the script.
    /// </summary>
    public static string Remote(ReadOnlySpan<byte> script) =>
        string.Create(CultureInfo.InvariantCulture, $"exec sh -c 'eval \"$(dd bs=1 count={script.Length} 2>/dev/null)\"'");

    /// <summary>Quotes a text for a POSIX shell.</summary>
    public static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]*$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
