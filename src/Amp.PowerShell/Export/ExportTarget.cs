namespace Amp.PowerShell.Export;

/// <summary>Where threads are written to: one file, or a folder with a file for each.</summary>
internal sealed class ExportTarget
{
    private readonly bool _isFolder;
    private readonly bool _keepsFiles;
    private readonly bool _replacesReadOnly;
    private bool _isWritten;

    /// <summary>Looks at the place, and changes nothing.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="isFolder">Whether it was written as the path of a folder.</param>
    /// <param name="keepsFiles">Whether a file that is there already is kept.</param>
    /// <param name="replacesReadOnly">Whether read-only files may be replaced.</param>
    /// <exception cref="AmpValidationException">A file is in the way, or the folder above it is missing.</exception>
    public ExportTarget(string path, bool isFolder, bool keepsFiles, bool replacesReadOnly)
    {
        // With its separator, a file would not be found.
        path = System.IO.Path.TrimEndingDirectorySeparator(path);
        Path = path;
        _keepsFiles = keepsFiles;
        _replacesReadOnly = replacesReadOnly;
        bool isFile = File.Exists(path);
        _isFolder = Directory.Exists(path) || isFolder || (!isFile && System.IO.Path.GetExtension(path).Length == 0);
        if (isFile && isFolder)
        {
            throw Invalid($"'{path}' is a file, not a folder.", "Omit the separator at the end, or give another folder.");
        }

        if (!_isFolder && !Directory.Exists(System.IO.Path.GetDirectoryName(path)))
        {
            throw Invalid($"The folder of '{path}' does not exist.", "Create the folder first.");
        }
    }

    /// <summary>The file or folder.</summary>
    public string Path { get; }

    /// <summary>Finds what would be in the way of the next thread before the CLI is asked for it.</summary>
    /// <exception cref="AmpValidationException">Something is.</exception>
    public void CheckNext()
    {
        if (_isFolder)
        {
            return;
        }

        if (_isWritten)
        {
            throw Invalid($"'{Path}' is a single file and already contains the previous thread.", "Give a folder to get one file for each thread.");
        }

        ExportFile.Check(Path, _keepsFiles, _replacesReadOnly);
    }

    /// <summary>Writes a thread.</summary>
    /// <exception cref="AmpValidationException">It could not be written; what was there is as it was.</exception>
    public FileInfo Write(string id, string? title, string extension, string text)
    {
        string file = Path;
        if (_isFolder)
        {
            try
            {
                Directory.CreateDirectory(Path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Invalid($"The folder '{Path}' cannot be created: {exception.Message}", "Give another folder.");
            }

            file = System.IO.Path.Combine(Path, SafeFileName.Of(title, id, extension));
        }

        ExportFile.Write(file, text, _keepsFiles, _replacesReadOnly);
        _isWritten = true;
        return new FileInfo(file);
    }

    private AmpValidationException Invalid(string message, string wayOut) => new(message, nameof(Path), wayOut, Path);
}
