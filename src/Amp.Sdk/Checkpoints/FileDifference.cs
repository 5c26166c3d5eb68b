namespace Amp;

/// <summary>The difference of one file between two states of a folder.</summary>
public sealed class FileDifference
{
    private readonly Func<string?>? _diff;
    private readonly object _gate = new();
    private string? _text;
    private bool _isRead;

    internal FileDifference(string root, Checkpoints.TreeEntry entry, Func<string?>? diff)
    {
        Path = entry.Path;
        PreviousPath = entry.PreviousPath;
        Kind = entry.Kind;
        Mode = entry.Mode;
        PreviousMode = entry.PreviousMode;
        IsBinary = entry.IsBinary;
        LinesAdded = entry.LinesAdded;
        LinesRemoved = entry.LinesRemoved;
        FullName = System.IO.Path.Combine(root, entry.Path.Replace('/', System.IO.Path.DirectorySeparatorChar));
        _diff = diff;
    }

    /// <summary>The path of the file, relative to the folder of the checkpoint and with forward slashes.</summary>
    public string Path { get; }

    /// <summary>The full path of the file.</summary>
    public string FullName { get; }

    /// <summary>What happened to the file.</summary>
    public FileDifferenceKind Kind { get; }

    /// <summary>The previous path of a renamed file, relative to the folder; null for other files.</summary>
    public string? PreviousPath { get; }

    /// <summary>The number of lines that were added; null for binary files, and if there are too many differences to count lines.</summary>
    public int? LinesAdded { get; }

    /// <summary>The number of lines that were removed; null in the same cases as <see cref="LinesAdded"/>.</summary>
    public int? LinesRemoved { get; }

    /// <summary>Whether the file is binary.</summary>
    public bool IsBinary { get; }

    /// <summary>
    /// The mode of the file in git's notation: <c>100644</c>, <c>100755</c> for a program, <c>120000</c> for a symbolic link,
    /// <c>160000</c> for a nested repository, whose content is not compared; null for a deleted file.
    /// </summary>
    public string? Mode { get; }

    /// <summary>The previous mode of the file; null for an added file.</summary>
    public string? PreviousMode { get; }

    /// <summary>
    /// The difference as a patch. Git is started when this property is first read. A patch of more than 256 KiB is truncated, and says
    /// so; null if the checkpoint no longer exists or git cannot be started.
    /// </summary>
    public string? Diff
    {
        get
        {
            lock (_gate)
            {
                if (!_isRead)
                {
                    _text = _diff?.Invoke();
                    _isRead = true;
                }

                return _text;
            }
        }
    }

    /// <summary>Returns the kind and the path.</summary>
    public override string ToString() => PreviousPath is null ? $"{Kind} {Path}" : $"{Kind} {PreviousPath} -> {Path}";
}

/// <summary>What happened to a file.</summary>
public enum FileDifferenceKind
{
    /// <summary>The file is new.</summary>
    Added,

    /// <summary>The content of the file, or its type, is different.</summary>
    Changed,

    /// <summary>The file no longer exists.</summary>
    Deleted,

    /// <summary>The file has another path, and the same or almost the same content.</summary>
    Renamed,

    /// <summary>Only the mode is different: the file became executable, or is no longer executable.</summary>
    ModeChanged,
}
