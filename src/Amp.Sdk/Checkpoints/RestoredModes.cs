namespace Amp.Checkpoints;

/// <summary>
/// The modes of what a restore writes. Git knows only whether a file is a program, and creates each file anew, for the user alone at first. A file
/// that only its owner can read, or could when it was kept, stays so, and another new file gets the mode that the user's programs give.
/// </summary>
internal sealed class RestoredModes
{
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode Others = (UnixFileMode)0x3F;

    // A checkpoint with more private files than it names has this instead: every file that it creates is for the user alone.
    private const string All = "/";
    private const int MostPrivate = 5000;

    private readonly Dictionary<string, UnixFileMode> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UnixFileMode> _folders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _new = new(StringComparer.Ordinal);
    private readonly UnixFileMode _usual;

    /// <summary>Notes the present modes.</summary>
    /// <param name="root">The folder of the files.</param>
    /// <param name="entries">What is to be restored.</param>
    /// <param name="kept">The private files and folders of the checkpoint, from <see cref="FindPrivate"/>.</param>
    /// <param name="usual">The mode of a file that a program of the user creates; null on Windows.</param>
    public RestoredModes(string root, IReadOnlyList<TreeEntry> entries, IReadOnlyList<string> kept, UnixFileMode? usual)
    {
        if (OperatingSystem.IsWindows() || usual is null)
        {
            return;
        }

        _usual = usual.Value;
        HashSet<string> closed = new(kept, StringComparer.Ordinal);
        bool isAllClosed = closed.Contains(All);
        foreach (TreeEntry entry in entries.Where(entry => entry.Mode is not null))
        {
            FileInfo file = new(Path.Combine(root, entry.Path));
            if (entry is { Mode: "100644" or "100755", PreviousMode: "100644" or "100755" } && file is { Exists: true, LinkTarget: null })
            {
                // What was private may be open now, because the agent wrote it anew.
                UnixFileMode mode = closed.Contains(entry.Path) ? file.UnixFileMode & ~Others : file.UnixFileMode;
                _files[file.FullName] = entry.Mode == entry.PreviousMode ? mode : entry.Mode == "100644" ? mode & ~Execute : mode | ExecuteOf(mode);
            }
            else if (!isAllClosed && !closed.Contains(entry.Path))
            {
                _new.Add(file.FullName);
            }

            // Git also deletes a folder that becomes empty for a moment.
            for (DirectoryInfo? folder = file.Directory; folder is not null && folder.FullName.Length > root.Length && !_folders.ContainsKey(folder.FullName); folder = folder.Parent)
            {
                bool isClosed = isAllClosed || closed.Contains(Path.GetRelativePath(root, folder.FullName) + "/");
                _folders[folder.FullName] = folder is { Exists: true, LinkTarget: null } ? folder.UnixFileMode : isClosed ? UnixFileMode.None : _usual | ExecuteOf(_usual);
            }
        }
    }

    /// <summary>Finds what only its owner can use. Whether programs of the user give others a right to what they create can be different when it is restored.</summary>
    /// <param name="root">The folder of the files.</param>
    /// <param name="files">The paths of the files, relative to the folder.</param>
    /// <param name="usual">The mode of a file that a program of the user creates; null on Windows.</param>
    /// <returns>The paths of files, and those of folders with a slash at their end.</returns>
    public static IReadOnlyList<string> FindPrivate(string root, IReadOnlyList<string> files, UnixFileMode? usual)
    {
        if (usual is null)
        {
            return [];
        }

        List<string> found = [];
        HashSet<string> folders = new(StringComparer.Ordinal);
        foreach (string file in files)
        {
            Look(file, string.Empty);
            for (int end = file.LastIndexOf('/'); end > 0 && folders.Add(file[..end]); end = file.LastIndexOf('/', end - 1))
            {
                Look(file[..end], "/");
            }

            if (found.Count > MostPrivate)
            {
                return [All];
            }
        }

        return found;

        void Look(string path, string ending)
        {
            if (IsPrivate(Path.Combine(root, path)))
            {
                found.Add(path + ending);
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
            // Git has made it a program or not. If it has not, it has not restored the file, or the file system has no modes.
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

    // A file that does not exist anymore has all bits set.
    private static bool IsPrivate(string path)
    {
        try
        {
            return (new FileInfo(path).UnixFileMode & Others) == 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
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
