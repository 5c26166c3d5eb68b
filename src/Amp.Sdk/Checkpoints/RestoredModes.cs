namespace Amp.Checkpoints;

/// <summary>
/// The modes of what a restore writes. Git knows only whether a file is a program, and creates each file anew, for the user alone at first. A file
/// that only its owner can read stays so, and a new file gets the mode that the user's programs give.
/// </summary>
internal sealed class RestoredModes
{
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode Others = (UnixFileMode)0x3F;

    private readonly Dictionary<string, UnixFileMode> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UnixFileMode> _folders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _new = new(StringComparer.Ordinal);
    private readonly UnixFileMode _usual;

    /// <summary>Notes the present modes.</summary>
    /// <param name="root">The folder of the files.</param>
    /// <param name="entries">What is to be restored.</param>
    /// <param name="usual">The mode of a file that a program of the user creates; null on Windows.</param>
    public RestoredModes(string root, IReadOnlyList<TreeEntry> entries, UnixFileMode? usual)
    {
        if (OperatingSystem.IsWindows() || usual is null)
        {
            return;
        }

        _usual = usual.Value;
        foreach (TreeEntry entry in entries.Where(entry => entry.Mode is not null))
        {
            FileInfo file = new(Path.Combine(root, entry.Path));
            if (entry is { Mode: "100644" or "100755", PreviousMode: "100644" or "100755" } && file is { Exists: true, LinkTarget: null })
            {
                UnixFileMode mode = file.UnixFileMode;
                _files[file.FullName] = entry.Mode == entry.PreviousMode ? mode : entry.Mode == "100644" ? mode & ~Execute : mode | ExecuteOf(mode);
            }
            else
            {
                _new.Add(file.FullName);
            }

            // Git also deletes a folder that becomes empty for a moment.
            for (DirectoryInfo? folder = file.Directory; folder is not null && folder.FullName.Length > root.Length && !_folders.ContainsKey(folder.FullName); folder = folder.Parent)
            {
                _folders[folder.FullName] = folder is { Exists: true, LinkTarget: null } ? folder.UnixFileMode : _usual | ExecuteOf(_usual);
            }
        }
    }

    /// <summary>Sets the modes of what was written.</summary>
    public void Set()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach ((string path, UnixFileMode mode) in _files)
        {
            // Git has made it a program or not. If it has not, it has not restored the file, or ignores whether files are programs.
            Set(new FileInfo(path), now => ((now ^ mode) & UnixFileMode.UserExecute) == 0 ? mode : now | (mode & ~Execute));
        }

        foreach (string path in _new)
        {
            Set(new FileInfo(path), now => (now & Others) != 0 ? now : now | _usual | ((now & UnixFileMode.UserExecute) != 0 ? ExecuteOf(_usual) : 0));
        }

        foreach ((string path, UnixFileMode mode) in _folders)
        {
            Set(new DirectoryInfo(path), now => (now & Others) != 0 ? now : now | mode);
        }
    }

    private static void Set(FileSystemInfo item, Func<UnixFileMode, UnixFileMode> choose)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && item is { Exists: true, LinkTarget: null } && choose(item.UnixFileMode) is UnixFileMode mode && mode != item.UnixFileMode)
            {
                item.UnixFileMode = mode;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another program has just taken the file. Its content is restored.
        }
    }

    // Whoever can read a program can execute it.
    private static UnixFileMode ExecuteOf(UnixFileMode mode) => (UnixFileMode)(((int)mode >> 2) & (int)Execute);
}
