using System.Globalization;
using Amp.Files;

namespace Amp.Records;

/// <summary>Where a transcript is written: a file that is extended, or a folder with a file for each run.</summary>
internal static class TranscriptFile
{
    /// <summary>The beginning of the first line of each run.</summary>
    public static ReadOnlySpan<byte> Start => """{"amp_transcript":"""u8;

    private const string Advice = "Give a new file, a transcript, or a folder (with a separator at its end).";

    /// <summary>Checks a path before anything is started. Nothing is written.</summary>
    /// <exception cref="AmpValidationException">A run could not be recorded there.</exception>
    public static void Check(string? path)
    {
        if (path is null)
        {
            return;
        }

        if (IsFolder(path))
        {
            string? folder = RealPath.NearestFolder(path);
            if (folder is null || BoundedFile.IsThere(Path.TrimEndingDirectorySeparator(path)) != Directory.Exists(path))
            {
                throw Invalid(path, "is not a folder, and a folder cannot be created there", null);
            }

            return;
        }

        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw Invalid(path, "is in a folder that does not exist", null);
        }

        if (!BoundedFile.IsThere(path))
        {
            return;
        }

        try
        {
            using AppendFile file = AppendFile.Open(path, mustBeNew: false);
            RefuseOther(file, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, "cannot be written", exception);
        }
    }

    /// <summary>Opens the file for a run.</summary>
    /// <param name="path">The full path from the caller.</param>
    /// <param name="runId">The ID of the run, for the name of its own file in a folder.</param>
    /// <param name="start">The start of the run.</param>
    /// <param name="file">The path of the file itself.</param>
    /// <exception cref="AmpValidationException">The file cannot be written, or is something else than a transcript.</exception>
    public static AppendFile Open(string path, string runId, DateTimeOffset start, out string file)
    {
        file = path;
        AppendFile? opened = null;
        try
        {
            if (IsFolder(path))
            {
                MakeFolder(path);
                file = Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{start.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{runId}.ndjson"));
                return AppendFile.Open(file, mustBeNew: true);
            }

            opened = AppendFile.Open(path, mustBeNew: false);
            RefuseOther(opened, path);
            return opened;
        }
        catch (Exception exception)
        {
            opened?.Dispose();
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw Invalid(file, "cannot be written", exception);
            }

            throw;
        }
    }

    /// <summary>Creates the error for a transcript that cannot be written.</summary>
    public static AmpValidationException Invalid(string path, string what, Exception? cause) => new(
        $"The transcript '{path}' {what}{(cause is null ? "." : $": {cause.Message}")}", AmpOptionName.TranscriptPath, Advice, path);

    private static bool IsFolder(string path) => Path.EndsInDirectorySeparator(path) || Directory.Exists(path);

    // A file of another program must not get lines that it cannot read.
    private static void RefuseOther(AppendFile file, string path)
    {
        byte[] start = new byte[Start.Length];
        int read = file.Read(start, 0);
        if (read > 0 && !Start.StartsWith(start.AsSpan(0, read)))
        {
            throw Invalid(path, "already exists and is not a transcript", null);
        }
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, WholeFile.OwnerOnly | UnixFileMode.UserExecute);
        }
    }
}
