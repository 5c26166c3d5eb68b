namespace Amp.Files;

/// <summary>The place that a path leads to.</summary>
internal static class RealPath
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>
    /// The same path with every link on its way followed, as the system follows them: <c>..</c> behind a link leads above the place that it leads to,
    /// and not above the link, as .NET takes it (on Windows the system does too). What is not there stays as it is named.
    /// </summary>
    public static string Of(string path)
    {
        string full = OperatingSystem.IsWindows() ? Path.GetFullPath(path) : Path.Combine(Environment.CurrentDirectory, path);
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

    /// <summary>Whether a path goes up somewhere, so that .NET and the system may take it for different places.</summary>
    public static bool GoesUp(string path) => Names(path).Contains("..");

    /// <summary>The folder itself, or the nearest above it that is there; null where none is.</summary>
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
