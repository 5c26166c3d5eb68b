using Amp.Files;

namespace Amp.Checkpoints;

/// <summary>Files, and folders with everything in them, relative to a root.</summary>
internal sealed class PathSet
{
    /// <summary>Compares the names of files, which a user may spell in another case than the file system does.</summary>
    public static readonly StringComparer Names = StringComparer.FromComparison(RealPath.Comparison);

    private readonly HashSet<string> _paths;

    /// <param name="paths">The paths. Folders can end with a slash.</param>
    public PathSet(IEnumerable<string> paths) => _paths = new(paths.Select(path => path.TrimEnd('/')), Names);

    /// <summary>Gets paths, and the folders that they are in.</summary>
    public static HashSet<string> WithFolders(IEnumerable<string> paths)
    {
        HashSet<string> all = new(Names);
        foreach (string path in paths)
        {
            for (int end = path.Length; end > 0 && all.Add(path[..end]); end = path.LastIndexOf('/', end - 1))
            {
            }
        }

        return all;
    }

    /// <summary>Returns whether a path is one of them, or in one of them.</summary>
    public bool Holds(string path)
    {
        path = path.TrimEnd('/');
        for (int end = path.Length; end > 0; end = path.LastIndexOf('/', end - 1))
        {
            if (_paths.Contains(path[..end]))
            {
                return true;
            }
        }

        return false;
    }
}
