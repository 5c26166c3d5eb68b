namespace Amp.Attack.Settings;

/// <summary>Puts settings files where the CLI would look for them, as files, by links, and as what is no file.</summary>
internal sealed class SettingsPlace(AttackRandom random, string root)
{
    private const int KindsOfFiles = 4;

    private static readonly string[] s_kinds = ["file", "link", "two links", "jsonc", "link to nothing", "loop", "folder", "link to a folder", "/dev/zero", "/dev/null", "/dev/full", "fifo"];

    /// <summary>The user's home.</summary>
    public string Home { get; } = Path.Combine(root, "home");

    /// <summary>The folder in which the agent works.</summary>
    public string WorkingDirectory { get; private set; } = Path.Combine(root, "project");

    /// <summary>The variables of the CLI.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Puts the user's settings somewhere; whether it is a file that can be read.</summary>
    public bool PlantUser(byte[] text)
    {
        Environment["HOME"] = Environment["USERPROFILE"] = Home;
        string file = Path.Combine(Home, ".config", "amp", "settings.json");
        switch (random.Next(4))
        {
            case 0:
                Environment["XDG_CONFIG_HOME"] = Path.Combine(Home, "else");
                file = Path.Combine(Home, "else", "amp", "settings.json");
                break;
            case 1:
                Environment["AMP_SETTINGS_FILE"] = file = Path.Combine(Home, "named.json");
                break;
        }

        return Plant(file, text, canBeJsonc: Path.GetFileName(file) == "settings.json");
    }

    /// <summary>Puts the project's settings somewhere; whether it is a file that can be read.</summary>
    public bool PlantProject(byte[] text)
    {
        string folder = WorkingDirectory;
        if (random.IsOneIn(3))
        {
            // Of the repository, above the folder in which the agent works.
            File.WriteAllText(Path.Combine(folder, ".git"), "gitdir: elsewhere\n");
            WorkingDirectory = Directory.CreateDirectory(Path.Combine(folder, "below", "it")).FullName;
        }

        ProjectFile = Path.Combine(folder, ".amp", "settings.json");
        return Plant(ProjectFile, text, canBeJsonc: true);
    }

    /// <summary>The project's settings.</summary>
    public string ProjectFile { get; private set; } = string.Empty;

    /// <summary>Makes the folders anew, empty.</summary>
    public void Clear()
    {
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }

        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(WorkingDirectory);
    }

    private bool Plant(string file, byte[] text, bool canBeJsonc)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string kind = OperatingSystem.IsLinux() ? s_kinds[random.IsOneIn(4) ? random.Next(s_kinds.Length) : random.Next(KindsOfFiles)] : "file";
        string other = Path.Combine(root, $"other-{Path.GetFileName(file)}{random.Next(1000)}");
        switch (kind)
        {
            case "link":
                File.WriteAllBytes(other, text);
                File.CreateSymbolicLink(file, other);
                return true;
            case "two links":
                File.WriteAllBytes(other, text);
                File.CreateSymbolicLink(other + "-2", Path.GetFileName(other));
                File.CreateSymbolicLink(file, other + "-2");
                return true;
            case "jsonc" when canBeJsonc:
                File.WriteAllBytes(Path.ChangeExtension(file, ".jsonc"), text);
                return true;
            case "link to nothing":
                File.CreateSymbolicLink(file, other);
                return false;
            case "loop":
                File.CreateSymbolicLink(file, file);
                return false;
            case "folder":
                Directory.CreateDirectory(file);
                return false;
            case "link to a folder":
                File.CreateSymbolicLink(file, root);
                return false;
            case "fifo":
                NamedPipe.Make(file);
                return false;
            case ['/', ..]:
                File.CreateSymbolicLink(file, kind);
                return false;
            default:
                File.WriteAllBytes(file, text);
                return true;
        }
    }
}
