namespace Amp.Files;

/// <summary>The place that a path leads to.</summary>
internal static class RealPath
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>The same path with every link on its way followed; what is not there stays as it is named.</summary>
    public static string Of(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        for (int links = 0; links < MostLinks; links++)
        {
            if (FollowOne(path) is not string followed)
            {
                return path;
            }

            path = followed;
        }

        return path;
    }

    /// <summary>The folder itself, or the nearest above it that is there; null where none is.</summary>
    public static string? NearestFolder(string? path)
    {
        while (path is not null && !Directory.Exists(path))
        {
            path = Path.GetDirectoryName(path);
        }

        return path;
    }

    private static string? FollowOne(string path)
    {
        string root = Path.GetPathRoot(path)!;
        string[] names = path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        string place = root;
        for (int i = 0; i < names.Length; i++)
        {
            string folder = place;
            place = Path.Combine(place, names[i]);
            if (Target(place) is string target)
            {
                return Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine([target, .. names[(i + 1)..]]), folder));
            }
        }

        return null;
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
