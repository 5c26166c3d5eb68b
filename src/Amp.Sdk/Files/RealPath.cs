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
