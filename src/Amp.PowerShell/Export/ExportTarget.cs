namespace Amp.PowerShell.Export;

/// <summary>The destination of an export: a file, or a folder with a file for each thread.</summary>
internal sealed class ExportTarget
{
    private readonly bool _isFolder;
    private readonly bool _keepsFiles;
    private readonly bool _replacesReadOnly;
    private bool _isWritten;

    /// <summary>Checks the destination without changing anything.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="isFolder">Whether the path was given as that of a folder.</param>
    /// <param name="keepsFiles">Whether existing files are kept.</param>
    /// <param name="replacesReadOnly">Whether read-only files are replaced.</param>
    /// <exception cref="AmpValidationException">A file blocks the path, or the parent folder does not exist.</exception>
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

        if (!_isFolder)
        {
            ExportFile.CheckFolder(path);
        }
    }

    /// <summary>The file or folder.</summary>
    public string Path { get; }

    /// <summary>Checks whether the next thread can be written, before the CLI is asked for it.</summary>
    /// <exception cref="AmpValidationException">The next thread cannot be written.</exception>
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
    /// <exception cref="AmpValidationException">The file cannot be written. An existing file is unchanged.</exception>
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
