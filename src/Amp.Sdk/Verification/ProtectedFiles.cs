using System.Security.Cryptography;
using Amp.Text;

namespace Amp.Verification;

/// <summary>The files that the agent must not change, in their state before the run.</summary>
internal sealed class ProtectedFiles
{
    private const int MostFiles = 100_000;

    private readonly IReadOnlyList<string> _paths;
    private readonly Dictionary<string, string> _before;
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);
    private bool _isKnown;

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
        string[] full = [.. paths.Select(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))];
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

    /// <summary>Gets the files that the agent changed, deleted or created before a verification; empty for none.</summary>
    public IReadOnlyList<string> Changed()
    {
        _isKnown = false;
        return Compare([], now =>
        {
            _isKnown = true;
            return _before.Keys.Union(now.Keys)
                .Where(path => now.GetValueOrDefault(path) != (_before.GetValueOrDefault(path) ?? _written.GetValueOrDefault(path)));
        });
    }

    /// <summary>
    /// Adds the files that were changed or deleted during the verification. What it creates, such as compiled tests, is no change, and the agent can delete it.
    /// </summary>
    /// <param name="changed">The files that were changed before the verification.</param>
    public IReadOnlyList<string> ChangedDuring(IReadOnlyList<string> changed) => Compare(changed, now =>
    {
        // If the state before the verification is unknown, the agent may have created the files.
        foreach (string path in _isKnown ? now.Keys.Except(_before.Keys).Except(changed) : [])
        {
            _written[path] = now[path];
        }

        return _before.Keys.Where(path => now.GetValueOrDefault(path) != _before[path]);
    });

    private ReadableList<string> Compare(IReadOnlyList<string> changed, Func<Dictionary<string, string>, IEnumerable<string>> compare)
    {
        try
        {
            return ReadableList<string>.Of(changed.Union(compare(Look())).Order(StringComparer.Ordinal));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file that could be read before and cannot be read now was changed.
            return ReadableList<string>.Of(changed.Append(exception.Message));
        }
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

    // Also what is in a folder behind a link, which the verification uses.
    private static IEnumerable<string> FilesOf(string path)
    {
        bool isFolder = Directory.Exists(path);
        bool isLink = new FileInfo(path).LinkTarget is not null;
        IEnumerable<string> inside = isFolder
            ? Directory.EnumerateFileSystemEntries(path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false })
            : [];
        return isLink || (!isFolder && Path.Exists(path)) ? inside.Prepend(path) : inside;
    }

    private static string Describe(string path)
    {
        FileInfo file = new(path);
        if (file.LinkTarget is string target)
        {
            return $"link {target} {ContentOrNull(path)}";
        }

        if (Directory.Exists(path))
        {
            return "folder";
        }

        return $"{(OperatingSystem.IsWindows() ? file.Attributes.ToString() : File.GetUnixFileMode(path).ToString())} {Content(path)}";
    }

    // A link can lead to nothing, to a folder, whose files are listed too, or to a device.
    private static string? ContentOrNull(string link)
    {
        try
        {
            return Content(link);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Content(string path)
    {
        using Stream content = Files.BoundedFile.Open(path);
        return Convert.ToHexString(SHA256.HashData(content));
    }
}
