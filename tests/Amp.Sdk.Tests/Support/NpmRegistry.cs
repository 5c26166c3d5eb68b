using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amp.Clients.Cli;
using Amp.Testing;

namespace Amp.Sdk.Tests.Support;

/// <summary>A registry of npm packages on this machine, and a home whose npm asks it and nobody else.</summary>
internal sealed class NpmRegistry : IDisposable
{
    private readonly PrivateHome _home = new();
    private readonly HttpListener _listener = new();
    private readonly Dictionary<string, Dictionary<string, (object Manifest, byte[] Archive)>> _packages = [];

    public NpmRegistry()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The CLI of these packages is a shell script.");
        Assert.SkipWhen(!OnPath("npm"), "npm is not on PATH.");
        using (System.Net.Sockets.TcpListener free = new(IPAddress.Loopback, 0))
        {
            free.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        }

        _listener.Prefixes.Add(Url);
        _listener.Start();
        _ = ServeAsync();
        Environment = new Dictionary<string, string?>(_home.Environment())
        {
            ["npm_config_registry"] = Url,
            ["npm_config_cache"] = Path.Combine(_home.Root, ".npm"),
            ["npm_config_userconfig"] = Path.Combine(_home.Root, ".npmrc"),
            ["PATH"] = System.Environment.GetEnvironmentVariable("PATH"),
            ["AMP_API_KEY"] = "sgamp_user_canary",
        };
    }

    public string Url { get; }

    public Dictionary<string, string?> Environment { get; set; }

    /// <summary>What each request waits for.</summary>
    public Func<Task> BeforeAnswer { get; set; } = () => Task.CompletedTask;

    public string Folder => Path.Combine(_home.Root, "opt amp");

    public string DefaultFolder => Path.Combine(_home.Root, ".local", "share", "amp-sdk-dotnet", "cli");

    /// <summary>
    /// Adds a version as it is in the real registry: the program in a package of its platform, a script that must not run. Without a program it
    /// is as a mirror may have it that has not got the newest packages yet: npm passes over an optional one in silence.
    /// </summary>
    public void Add(string version, string? says = null, bool hasProgram = true)
    {
        string platform = PlatformPackage.Name;
        Publish("@ampcode/cli", version, new Dictionary<string, object>
        {
            ["optionalDependencies"] = new Dictionary<string, string> { [platform] = version },
            ["scripts"] = new Dictionary<string, string> { ["postinstall"] = $"touch '{Mark}'" },
        }, []);
        if (!hasProgram)
        {
            return;
        }

        Publish(platform, version, [], new Dictionary<string, string>
        {
            ["amp"] = $"""
                #!/bin/sh
                printenv AMP_API_KEY > '{Mark}.key'
                case "$1" in
                --version) echo '{says ?? version} (released 2026-09-23T00:00:00.000Z)';;
                --help) echo '  --no-ide';;
                esac

                """,
        });
    }

    /// <summary>What a script of a package would leave.</summary>
    public string Mark => Path.Combine(_home.Root, "script-was-run");

    public CliInstallOptions Options(string version = "latest", string? folder = null) => new()
    {
        Version = version,
        Folder = folder ?? Folder,
        Environment = Environment,
        Timeout = FakeRun.HangLimit,
    };

    public string[] Left() => Directory.Exists(Folder) ? [.. Directory.GetDirectories(Folder).Select(Path.GetFileName).Order()!] : [];

    public void Dispose()
    {
        _listener.Close();
        _home.Dispose();
    }

    private void Publish(string name, string version, Dictionary<string, object> fields, Dictionary<string, string> files)
    {
        fields["name"] = name;
        fields["version"] = version;
        byte[] archive = Archive([.. files, new("package.json", JsonSerializer.Serialize(fields))]);
        fields["dist"] = new Dictionary<string, string>
        {
            ["tarball"] = $"{Url}-/{Uri.EscapeDataString(name)}/{version}.tgz",
            ["integrity"] = "sha512-" + Convert.ToBase64String(SHA512.HashData(archive)),
        };
        if (!_packages.TryGetValue(name, out var versions))
        {
            _packages[name] = versions = [];
        }

        versions[version] = (fields, archive);
    }

    private static byte[] Archive(KeyValuePair<string, string>[] files)
    {
        using MemoryStream bytes = new();
        using (GZipStream zip = new(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (TarWriter tar = new(zip, TarEntryFormat.Pax))
        {
            foreach ((string name, string text) in files)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "package/" + name)
                {
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                    Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                });
            }
        }

        return bytes.ToArray();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                await BeforeAnswer();
                byte[]? answer = Answer(Uri.UnescapeDataString(context.Request.Url!.AbsolutePath).Trim('/'));
                context.Response.StatusCode = answer is null ? 404 : 200;
                answer ??= "{}"u8.ToArray();
                context.Response.ContentLength64 = answer.Length;
                await context.Response.OutputStream.WriteAsync(answer);
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private byte[]? Answer(string path)
    {
        if (path.StartsWith("-/", StringComparison.Ordinal))
        {
            int end = path.LastIndexOf('/');
            return _packages[path[2..end]][Path.GetFileNameWithoutExtension(path[(end + 1)..])].Archive;
        }

        return _packages.TryGetValue(path, out var versions)
            ? JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
            {
                ["name"] = path,
                ["dist-tags"] = new Dictionary<string, string> { ["latest"] = versions.Keys.Order().Last() },
                ["versions"] = versions.ToDictionary(version => version.Key, version => version.Value.Manifest),
            })
            : null;
    }

    private static bool OnPath(string program) => (System.Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
