using System.Text.Json;

namespace Amp.FakeCli;

/// <summary>A file the call was pointed to, as it was at the start.</summary>
internal sealed record RecordedFile(string Source, string Path, string? Content, string? Mode, string? FolderMode)
{
    /// <summary>Reads the file; one that is not there has no content, text that cannot be a path is no file.</summary>
    public static RecordedFile? Read(string source, string path)
    {
        string fullPath;
        try
        {
            fullPath = System.IO.Path.GetFullPath(path);
        }
        catch (ArgumentException)
        {
            return null;
        }

        if (!File.Exists(fullPath))
        {
            return new RecordedFile(source, fullPath, null, null, null);
        }

        string? folder = System.IO.Path.GetDirectoryName(fullPath);
        return new RecordedFile(
            source, fullPath, File.ReadAllText(fullPath), ModeOf(fullPath), folder is null ? null : ModeOf(folder));
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("source", Source);
        writer.WriteString("path", Path);
        writer.WriteString("content", Content);
        writer.WriteString("mode", Mode);
        writer.WriteString("folderMode", FolderMode);
        writer.WriteEndObject();
    }

    private static string? ModeOf(string path) =>
        OperatingSystem.IsWindows() ? null : Convert.ToString((int)File.GetUnixFileMode(path), toBase: 8);
}
