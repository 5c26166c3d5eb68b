using Amp.Files;

namespace Amp.Services;

/// <summary>Finds the executables of a toolbox.</summary>
internal static class ToolboxFolder
{
    // The CLIs that supported toolboxes ignored a folder with more.
    private const int MostFiles = 100;

    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly string[] s_windowsEndings = [".exe", ".cmd", ".bat", ".com"];

    /// <summary>Gets the executable files, ordered by name; none if the folder cannot be read.</summary>
    /// <exception cref="AmpValidationException">There are too many executables.</exception>
    public static IReadOnlyList<string> Executables(string folder)
    {
        string[] files = [.. Files(folder).Where(IsExecutable)];
        return files.Length <= MostFiles ? files : throw new AmpValidationException(
            $"The toolbox '{folder}' has {files.Length} executables; at most {MostFiles} are supported.",
            nameof(AmpOptions.Toolbox),
            "Give a folder that contains only the tools of this run.",
            folder);
    }

    /// <summary>Gets a warning for each script without permission to execute.</summary>
    public static IEnumerable<string> Forgotten(string folder) => OperatingSystem.IsWindows() ? [] : Files(folder)
        .Where(file => !IsExecutable(file) && IsScript(file))
        .Select(file => TerminalText.Strip($"The file '{file}' of the toolbox is skipped: it is not executable (chmod +x)."));

    private static IEnumerable<string> Files(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder)
                .Where(file => !file.EndsWith(".md", StringComparison.OrdinalIgnoreCase))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsExecutable(string file)
    {
        if (OperatingSystem.IsWindows())
        {
            return s_windowsEndings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);
        }

        try
        {
            return (File.GetUnixFileMode(file) & Executable) != 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A broken link.
            return false;
        }
    }

    private static bool IsScript(string file)
    {
        try
        {
            return BoundedFile.ReadStart(file, 2).AsSpan().SequenceEqual("#!"u8);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
