namespace Amp.Files;

/// <summary>Resolves paths.</summary>
internal static class RealPath
{
    // The same limit as Linux.
    private const int MostLinks = 40;

    /// <summary>How paths are compared: as the usual file systems of the system do.</summary>
    public static StringComparison Comparison => OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>
    /// Resolves every link in a path in the same way as the system: <c>..</c> after a link is the parent of its target, and not of the
    /// link, as in .NET (and in Windows). Parts that do not exist are kept.
    /// </summary>
    public static string Of(string path)
    {
        // The current directory may have been removed, and a full path does not require it.
        string full = OperatingSystem.IsWindows() ? Path.GetFullPath(path)
            : Path.IsPathRooted(path) ? path
            : Path.Combine(Environment.CurrentDirectory, path);
        string root = Path.GetPathRoot(full)!;
        string place = root;
        int links = 0;
        Stack<string> left = new(Names(full[root.Length..]).Reverse());
        while (left.TryPop(out string? name))
        {
            switch (name)
            {
                case ".":
                    continue;
                case "..":
                    place = Path.GetDirectoryName(place) ?? root;
                    continue;
            }

            string next = Path.Combine(place, name);
            if (links < MostLinks && Target(next) is string target)
            {
                links++;
                string targetRoot = Path.IsPathFullyQualified(target) ? Path.GetPathRoot(target)! : string.Empty;
                place = targetRoot.Length > 0 ? targetRoot : place;
                foreach (string part in Names(target[targetRoot.Length..]).Reverse())
                {
                    left.Push(part);
                }
            }
            else
            {
                place = next;
            }
        }

        return place;
    }

    /// <summary>
    /// Resolves a path, and writes it in one way only: on Windows and macOS, a path that was typed in another case names the same folder.
    /// </summary>
    public static string OnDisk(string path) => OperatingSystem.IsLinux() ? Of(path) : AsListed(Of(path));

    /// <summary>
    /// Writes each name of a resolved path as its folder lists it, and the letter of a drive in upper case. A name stays as it is if its folder
    /// cannot be listed, does not contain it, or contains it in several other cases.
    /// </summary>
    public static string AsListed(string path)
    {
        string root = Path.GetPathRoot(path)!;
        string place = OperatingSystem.IsWindows() && root.Length > 1 && root[1] == ':' ? root.ToUpperInvariant() : root;
        foreach (string name in Names(path[root.Length..]))
        {
            place = Path.Combine(place, ListedName(place, name));
        }

        return place;
    }

    /// <summary>Returns whether a path contains <c>..</c>, so that .NET and the system may resolve it differently.</summary>
    public static bool GoesUp(string path) => Names(path).Contains("..");

    /// <summary>Gets the folder itself, or the nearest parent that exists; null if there is none.</summary>
    public static string? NearestFolder(string? path)
    {
        while (path is not null && !Directory.Exists(path))
        {
            path = Path.GetDirectoryName(path);
        }

        return path;
    }

    private static string[] Names(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);

    private static string ListedName(string folder, string name)
    {
        List<string> others = [];
        try
        {
            foreach (string entry in Directory.EnumerateFileSystemEntries(folder))
            {
                string listed = Path.GetFileName(entry);
                if (listed == name)
                {
                    return name;
                }

                if (listed.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    others.Add(listed);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return name;
        }

        return others.Count == 1 ? others[0] : name;
    }

    private static string? Target(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
