using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Amp.Testing;

namespace Amp.Sdk.Tests.Checkpoints;

/// <summary>A folder with a real git repository, in a home of its own, and everything of it that a checkpoint must leave alone.</summary>
internal sealed class GitFolder : IDisposable
{
    private readonly PrivateHome _home = new();

    public GitFolder(bool isRepository = true, params string[] init)
    {
        Root = Path.Combine(_home.Root, "work");
        Directory.CreateDirectory(Root);
        WorkingDirectory = Root;
        if (isRepository)
        {
            Git(["init", "-q", "-b", "main", .. init, "."]);
        }
    }

    /// <summary>The folder of the work tree.</summary>
    public string Root { get; set; }

    public string WorkingDirectory { get; set; }

    public string Home => _home.Root;

    public string State => Path.Combine(_home.Root, ".local", "state", "amp-sdk-dotnet", "checkpoints");

    public Dictionary<string, string?> Variables { get; } = [];

    public CliOptions Options
    {
        get
        {
            Dictionary<string, string?> environment = _home.Environment();
            foreach ((string name, string? value) in Variables)
            {
                environment[name] = value;
            }

            return new CliOptions { WorkingDirectory = WorkingDirectory, Environment = environment, Timeout = TimeSpan.FromMinutes(3) };
        }
    }

    public string this[string path] => Path.Combine(Root, path);

    public GitFolder Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    public GitFolder Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[path])!);
        File.WriteAllBytes(this[path], bytes);
        return this;
    }

    public string Read(string path) => File.ReadAllText(this[path]);

    public GitFolder Commit(string message = "work")
    {
        Git("add", "-A");
        Git("-c", "user.name=Test", "-c", "user.email=test@localhost", "commit", "-q", "--no-verify", "-m", message);
        return this;
    }

    /// <summary>Runs git as its user does, and gives what it wrote.</summary>
    public string Git(params string[] arguments) => GitIn(Root, arguments);

    public string GitIn(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new("git") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("GIT_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string? value) in _home.Environment())
        {
            start.Environment[name] = value;
        }

        // A look at the state must not refresh the index.
        start.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        using Process git = Process.Start(start)!;
        Task<string> errors = git.StandardError.ReadToEndAsync();
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return git.ExitCode is 0 ? output : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {output}{errors.GetAwaiter().GetResult()}");
    }

    /// <summary>Sets the mode of a file, where there are modes.</summary>
    public static void Mode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    public static UnixFileMode? ModeOf(string path) => OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(path);

    /// <summary>Makes a git that does something before some commands, and gives its folder.</summary>
    /// <param name="home">Where to make it.</param>
    /// <param name="path">Where the real git is.</param>
    /// <param name="cases">The cases of a shell's <c>case</c> about the arguments. <c>$here</c> is its folder.</param>
    public static string Wrapper(string home, string path, string cases)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program of this test is a shell script.");
        string here = Directory.CreateDirectory(Path.Combine(home, "bin")).FullName;
        string git = Path.Combine(here, "git");
        File.WriteAllText(git, $"#!/bin/sh\nhere='{here}'\nPATH='{path}'\nexport PATH\ncase \"$*\" in\n{cases}\nesac\nexec git \"$@\"\n");
        Mode(git, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return here;
    }

    /// <summary>Everything of the repository that a checkpoint must not change.</summary>
    public string Facts()
    {
        string common = Path.GetFullPath(Git("rev-parse", "--git-common-dir").Trim(), Root);
        string own = Path.GetFullPath(Git("rev-parse", "--absolute-git-dir").Trim(), Root);
        StringBuilder facts = new();
        facts.AppendLine(Git("status", "--porcelain", "--untracked-files=all"));
        facts.AppendLine(string.Join('\n', Git("for-each-ref").Split('\n').Where(line => !line.Contains("refs/amp/", StringComparison.Ordinal))));
        facts.AppendLine(Git("stash", "list")).AppendLine(Git("reflog", "--all"));
        foreach (string file in Directory.EnumerateFiles(common, "*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(own, "*", SearchOption.AllDirectories)).Distinct().Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(common, file);
            if (!name.StartsWith("objects", StringComparison.Ordinal) && !name.StartsWith("refs/amp", StringComparison.Ordinal))
            {
                facts.Append(name).Append(' ').AppendLine(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));
            }
        }

        return facts.ToString();
    }

    /// <summary>Every file below the folder with its content, its mode and its target.</summary>
    public SortedDictionary<string, string> Files()
    {
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        Collect(new DirectoryInfo(Root), files);
        return files;
    }

    private void Collect(DirectoryInfo folder, SortedDictionary<string, string> files)
    {
        foreach (FileSystemInfo item in folder.EnumerateFileSystemInfos())
        {
            string name = Path.GetRelativePath(Root, item.FullName);
            if (item.LinkTarget is string target)
            {
                files[name] = $"link {target}";
            }
            else if (item is DirectoryInfo below)
            {
                if (item.Name != ".git")
                {
                    Collect(below, files);
                }
            }
            else
            {
                string mode = OperatingSystem.IsWindows() ? string.Empty : item.UnixFileMode.ToString();
                files[name] = $"{mode} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(item.FullName)))}";
            }
        }
    }

    public void Dispose() => _home.Dispose();
}
