using System.Text;
using Amp.Files;

namespace Amp.PowerShell.Export;

/// <summary>Writes exported text to the path from the user: an existing file is kept, replaced or refused, as the user requested.</summary>
internal static class ExportFile
{
    /// <summary>Checks whether the file can be written.</summary>
    /// <exception cref="AmpValidationException">The file exists and must be kept, is read-only, or is a folder.</exception>
    public static void Check(string path, bool keepsFiles, bool replacesReadOnly)
    {
        if (Directory.Exists(path))
        {
            throw Invalid(path, "is a folder", "Give another path.");
        }

        if (!File.Exists(path))
        {
            return;
        }

        if (keepsFiles)
        {
            throw Invalid(path, "already exists", "Omit -NoClobber to replace it, or give another path.");
        }

        if (!replacesReadOnly && File.GetAttributes(path).HasFlag(FileAttributes.ReadOnly))
        {
            throw Invalid(path, "is read-only", "Use -Force to replace it, or give another path.");
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="AmpValidationException">The file cannot be written. An existing file is unchanged.</exception>
    public static void Write(string path, string text, bool keepsFiles, bool replacesReadOnly) =>
        Write(path, file => file.Write(Encoding.UTF8.GetBytes(text)), keepsFiles, replacesReadOnly);

    /// <summary>Writes a file whose content is made while it is written. The permissions of a new file are the defaults, or those given.</summary>
    /// <exception cref="AmpValidationException">The file cannot be written. An existing file is unchanged.</exception>
    public static void Write(string path, Action<Stream> write, bool keepsFiles, bool replacesReadOnly, UnixFileMode? modeOfNew = null)
    {
        Check(path, keepsFiles, replacesReadOnly);
        try
        {
            // A link is kept.
            string target = new FileInfo(path).LinkTarget is null ? path : RealPath.Of(path);
            // A file that only its owner can read stays private.
            WholeFile.Write(target, write, WholeFile.ModeOf(target) ?? modeOfNew, overwrite: !keepsFiles);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, $"cannot be written: {exception.Message}", "Give another path, or free disk space.");
        }
    }

    /// <summary>Checks whether the folder of the file exists.</summary>
    /// <exception cref="AmpValidationException">It does not exist.</exception>
    public static void CheckFolder(string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new AmpValidationException($"The folder of '{path}' does not exist.", "Path", "Create the folder first.", path);
        }
    }

    private static AmpValidationException Invalid(string path, string what, string wayOut) => new($"'{path}' {what}.", "Path", wayOut, path);
}
