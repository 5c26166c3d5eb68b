using System.Text;

namespace Amp.PowerShell.Export;

/// <summary>Writes a file completely or not at all: to a temporary file next to it, which then replaces it.</summary>
internal static class WholeFile
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
            throw Invalid(path, "exists already", "Omit -NoClobber to replace it, or give another path.");
        }

        if (!replacesReadOnly && File.GetAttributes(path).HasFlag(FileAttributes.ReadOnly))
        {
            throw Invalid(path, "is read-only", "Use -Force to replace it, or give another path.");
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="AmpValidationException">The file cannot be written. An existing file is unchanged.</exception>
    public static void Write(string path, string text, bool keepsFiles, bool replacesReadOnly)
    {
        Check(path, keepsFiles, replacesReadOnly);
        string? written = null;
        try
        {
            // A link is kept.
            string target = new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
            written = Path.Combine(Path.GetDirectoryName(target)!, $".{Guid.NewGuid():N}.tmp");
            using (FileStream stream = new(written, OptionsLike(target)))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            if (replacesReadOnly && OperatingSystem.IsWindows() && File.Exists(target))
            {
                File.SetAttributes(target, File.GetAttributes(target) & ~FileAttributes.ReadOnly);
            }

            File.Move(written, target, overwrite: !keepsFiles);
            written = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, $"cannot be written: {exception.Message}", "Give another path, or free disk space.");
        }
        finally
        {
            if (written is not null)
            {
                File.Delete(written);
            }
        }
    }

    // A file that only its owner can read stays private.
    private static FileStreamOptions OptionsLike(string target)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows() && File.Exists(target))
        {
            options.UnixCreateMode = File.GetUnixFileMode(target) | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static AmpValidationException Invalid(string path, string what, string wayOut) => new($"'{path}' {what}.", "Path", wayOut, path);
}
