using System.Security.Cryptography;
using Amp.Text;

namespace Amp.Verification;

/// <summary>The files that the agent must not change, in their state before the run.</summary>
internal sealed class ProtectedFiles
{
    private const int MostFiles = 100_000;

    private readonly IReadOnlyList<string> _paths;
    private readonly Dictionary<string, string> _before;

    private ProtectedFiles(IReadOnlyList<string> paths)
    {
        _paths = paths;
        _before = Look();
    }

    /// <summary>Records the current state of the files.</summary>
    /// <param name="paths">Files, and folders with everything in them. Relative paths are resolved against the current directory.</param>
    /// <exception cref="AmpValidationException">A file does not exist or cannot be read.</exception>
    public static ProtectedFiles Of(IEnumerable<string> paths)
    {
        string[] full = [.. paths.Select(path => Path.GetFullPath(path))];
        foreach (string path in full)
        {
            if (!Path.Exists(path))
            {
                throw new AmpValidationException(
                    $"'{path}' cannot be protected, because it does not exist.", nameof(AmpOptions.VerifyPaths), "Give existing files or folders.", path);
            }
        }

        try
        {
            return new ProtectedFiles(full);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpValidationException(
                $"A protected file cannot be read: {exception.Message}", nameof(AmpOptions.VerifyPaths), "Give files that you can read.");
        }
    }

    /// <summary>Gets the files that were changed, deleted or created; empty for none.</summary>
    public IReadOnlyList<string> Changed()
    {
        Dictionary<string, string> now;
        try
        {
            now = Look();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file that could be read before and cannot be read now was changed.
            return ReadableList<string>.Over([exception.Message]);
        }

        return ReadableList<string>.Of(
            _before.Keys.Union(now.Keys).Where(path => _before.GetValueOrDefault(path) != now.GetValueOrDefault(path)).Order(StringComparer.Ordinal));
    }

    private Dictionary<string, string> Look()
    {
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (string path in _paths)
        {
            foreach (string file in FilesOf(path))
            {
                if (found.Count >= MostFiles)
                {
                    throw new IOException($"'{path}' has more than {MostFiles:N0} files.");
                }

                found[file] = Describe(file);
            }
        }

        return found;
    }

    private static IEnumerable<string> FilesOf(string path) => Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null
        ? Directory.EnumerateFileSystemEntries(path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false })
        : Path.Exists(path) || new FileInfo(path).LinkTarget is not null ? [path] : [];

    private static string Describe(string path)
    {
        FileInfo file = new(path);
        if (file.LinkTarget is string target)
        {
            return $"link {target}";
        }

        if (Directory.Exists(path))
        {
            return "folder";
        }

        using Stream content = Files.BoundedFile.Open(path);
        return $"{(OperatingSystem.IsWindows() ? file.Attributes.ToString() : File.GetUnixFileMode(path).ToString())} {Convert.ToHexString(SHA256.HashData(content))}";
    }
}
