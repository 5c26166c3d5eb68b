namespace Amp.Checkpoints;

/// <summary>Files, and folders with everything in them, relative to a root.</summary>
internal sealed class PathSet
{
    private readonly HashSet<string> _paths;

    /// <param name="paths">The paths. Folders can end with a slash.</param>
    public PathSet(IEnumerable<string> paths) => _paths = new(paths.Select(path => path.TrimEnd('/')), StringComparer.Ordinal);

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
