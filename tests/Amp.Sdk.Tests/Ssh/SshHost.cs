using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ssh;

/// <summary>
/// A real SSH server with keys and a configuration of its own, on this machine or in a network namespace. The user's own keys and configuration are not
/// read, neither by the server nor by the client of its tests.
/// </summary>
internal sealed class SshHost : IDisposable
{
    private const string Server = "/usr/sbin/sshd";

    private readonly string? _namespace;
    private Process? _server;

    /// <param name="address">Where the server listens.</param>
    /// <param name="namespaceName">The network namespace; null for that of the tests.</param>
    /// <param name="lines">More of its configuration.</param>
    public SshHost(string address = "127.0.0.1", string? namespaceName = null, params string[] lines)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && System.IO.File.Exists(Server) && Environment.UserName == "root",
            "Runs on Debian as root with openssh-server: the server must be able to log its user in.");
        _namespace = namespaceName;
        Address = address;
        Folder = Directory.CreateTempSubdirectory("amp-sshd-").FullName;
        Home = Directory.CreateDirectory(Path.Combine(Folder, "home")).FullName;
        Temporary = Directory.CreateDirectory(Path.Combine(Folder, "tmp")).FullName;
        Port = FreePort();
        Run("ssh-keygen", "-q", "-t", "ed25519", "-N", string.Empty, "-C", string.Empty, "-f", File("host_key"));
        Run("ssh-keygen", "-q", "-t", "ed25519", "-N", string.Empty, "-C", string.Empty, "-f", File("user_key"));
        System.IO.File.Copy(File("user_key.pub"), File("authorized_keys"));
        Trust(File("host_key.pub"));
        System.IO.File.WriteAllText(File("ssh_config"), $"""
            IdentitiesOnly yes
            IdentityAgent none
            IdentityFile {File("user_key")}
            UserKnownHostsFile {File("known_hosts")}
            GlobalKnownHostsFile /dev/null
            StrictHostKeyChecking ask

            """);
        System.IO.File.WriteAllText(File("sshd_config"), $"""
            Port {Port}
            ListenAddress {address}
            HostKey {File("host_key")}
            PidFile {File("sshd.pid")}
            AuthorizedKeysFile {File("authorized_keys")}
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin yes
            PrintMotd no
            SetEnv HOME={Home} TMPDIR={Temporary} PATH=/usr/bin:/bin DOTNET_EnableDiagnostics=0
            {string.Join('\n', lines)}

            """);
        Directory.CreateDirectory("/run/sshd");
        Start();
    }

    public string Address { get; }

    public int Port { get; }

    /// <summary>Everything of the server.</summary>
    public string Folder { get; }

    /// <summary>The home folder of the user on the host.</summary>
    public string Home { get; }

    /// <summary>Where private folders of runs come and go.</summary>
    public string Temporary { get; }

    public SshTransport Transport => With();

    /// <summary>The server and what it has started for connections.</summary>
    public int ServerId => _server!.Id;

    public SshTransport With(
        string? name = null, int? port = null, string? key = null, double every = 15, string? client = null, double connect = 60, params (string Name, string Value)[] options) =>
        new(name ?? Address, "root", port ?? Port)
    {
        ConfigFile = File("ssh_config"),
        KeyFilePath = key,
        KeepAliveInterval = TimeSpan.FromSeconds(every),
        ConnectTimeout = TimeSpan.FromSeconds(connect),
        SshPath = client,
        Options = options.ToDictionary(option => option.Name, option => option.Value),
    };

    /// <summary>Writes a program for a shell.</summary>
    /// <returns>The full path of the program.</returns>
    public string Program(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), "#!/bin/sh\n" + text);
        Run("chmod", "700", File(name));
        return File(name);
    }

    public string File(string name) => Path.Combine(Folder, name);

    /// <summary>Whether nothing of any run is left in the folder for private folders.</summary>
    public bool IsClean => !Directory.EnumerateFileSystemEntries(Temporary).Any();

    /// <summary>The client knows this key of the host.</summary>
    public void Trust(string publicKey) =>
        System.IO.File.WriteAllText(File("known_hosts"), $"[{Address}]:{Port} {System.IO.File.ReadAllText(publicKey)}");

    /// <summary>Runs a command on the host, with the client alone.</summary>
    public string Shell(string command) => Run(
        "ssh", "-F", File("ssh_config"), "-o", "BatchMode=yes", "-p", $"{Port}", "-l", "root", Address, command);

    /// <summary>Ends the server of each connection, as a crash does.</summary>
    public void KillConnections()
    {
        foreach (int child in Children(ServerId))
        {
            try
            {
                Signal(child, "KILL");
            }
            catch (InvalidOperationException)
            {
                // It has just ended by itself.
            }
        }
    }

    public static void Signal(int processId, string signal) => Run("/bin/kill", "-s", signal, $"{processId}");

    public static int[] Children(int processId)
    {
        string list = $"/proc/{processId}/task/{processId}/children";
        return System.IO.File.Exists(list)
            ? [.. System.IO.File.ReadAllText(list).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]
            : [];
    }

    public static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {process.ExitCode} {output} {errors.Result}");
    }

    public void Dispose()
    {
        if (_server is not null)
        {
            KillConnections();
            _server.Kill(entireProcessTree: true);
            _server.WaitForExit();
            _server.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private void Start()
    {
        string[] command = _namespace is null ? [Server] : ["ip", "netns", "exec", _namespace, Server];
        _server = Process.Start(new ProcessStartInfo(command[0], [.. command[1..], "-D", "-f", File("sshd_config"), "-E", File("sshd.log")]))!;
        for (int tries = 0; !System.IO.File.Exists(File("sshd.pid")); tries++)
        {
            Assert.False(tries > 3000 || _server.HasExited, System.IO.File.Exists(File("sshd.log")) ? System.IO.File.ReadAllText(File("sshd.log")) : "The server did not start.");
            Thread.Sleep(10);
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
