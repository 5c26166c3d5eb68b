using System.Text;

namespace Amp.Attack.Paths;

/// <summary>A tree of folders with a project in it, full of links, devices and pipes. Each file says in its text where it really is.</summary>
internal sealed class PathTree
{
    /// <summary>What is read of a file at most.</summary>
    public const int Limit = 4096;

    private const string Mark = "#!/bin/sh\n# file:";

    private static readonly string[] s_names = ["a", "b", "sub", "node_modules", ".bin", "a b", "-x", "\u00FC", "line\nend", "'q'", "$(x)", "c.d"];
    private static readonly string[] s_devices = ["/dev/zero", "/dev/null", "/dev/full", "/dev/stdin", "/proc/self/fd", "/proc/self/cwd"];

    private readonly AttackRandom _random;
    private readonly List<string> _folders = [];

    public PathTree(AttackRandom random, string root)
    {
        _random = random;
        Root = root;
        Project = Folder(Path.Combine(root, "project"));
        string git = Folder(Path.Combine(Project, ".git"));
        Directory.CreateDirectory(Path.Combine(git, "objects"));
        Directory.CreateDirectory(Path.Combine(git, "refs"));
        File.WriteAllText(Path.Combine(git, "HEAD"), "ref: refs/heads/main\n");
        WorkingDirectory = random.IsOneIn(2) ? Project : Folder(Path.Combine(Project, "below"));
        Outside = Folder(Path.Combine(root, "outside"));
        Folder(Path.Combine(root, "bin"));
        for (int i = random.Next(4, 9); i > 0; i--)
        {
            Folder(Path.Combine(random.Pick(_folders), random.Pick(s_names)));
        }

        foreach (string folder in _folders.ToArray().Where(_ => !random.IsOneIn(4)))
        {
            WriteFile(Path.Combine(folder, "amp"));
        }

        for (int i = random.Next(4, 10); i > 0; i--)
        {
            AddOne(Path.Combine(random.Pick(_folders), random.Pick(s_names)));
        }
    }

    public string Root { get; }

    public string Project { get; }

    public string WorkingDirectory { get; }

    public string Outside { get; }

    /// <summary>Where the file really is whose text this is; null where it is none of the tree's.</summary>
    public static string? PlaceOf(byte[] text)
    {
        string read = Encoding.UTF8.GetString(text);
        return read.StartsWith(Mark, StringComparison.Ordinal) ? read[Mark.Length..read.IndexOf('\0', StringComparison.Ordinal)] : null;
    }

    /// <summary>A path that may lead anywhere, by links and dots.</summary>
    public string AnyPath(int parts)
    {
        StringBuilder path = new(_random.Pick(_folders));
        for (int i = _random.Next(parts); i > 0; i--)
        {
            path.Append(_random.IsOneIn(8) ? "//" : "/").Append(_random.Next(6) switch { 0 => "..", 1 => ".", 2 => "amp", _ => _random.Pick(s_names) });
        }

        return path.Append(_random.IsOneIn(10) ? "/" : string.Empty).ToString();
    }

    private string Folder(string path)
    {
        _folders.Add(Directory.CreateDirectory(path).FullName);
        return path;
    }

    private void AddOne(string path)
    {
        if (Path.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            return;
        }

        switch (_random.Next(9))
        {
            case 0:
                WriteFile(path);
                break;
            case 1:
                File.WriteAllBytes(path, new byte[Limit + 1]);
                break;
            case 2:
                File.CreateSymbolicLink(path, _random.Pick(s_devices));
                break;
            case 3:
                NamedPipe.Make(path);
                break;
            case 4:
                File.CreateSymbolicLink(path, path);
                break;
            case 5:
                File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, _random.Pick(_folders)));
                break;
            case 6:
                File.CreateSymbolicLink(path, Path.Combine(_random.Pick(_folders), "amp"));
                break;
            default:
                File.CreateSymbolicLink(path, _random.Pick(_folders));
                break;
        }
    }

    private static void WriteFile(string path)
    {
        File.WriteAllText(path, $"{Mark}{path}\0\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
