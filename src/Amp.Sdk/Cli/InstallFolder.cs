using System.Text;
using System.Text.RegularExpressions;
using Amp.Files;

namespace Amp.Cli;

/// <summary>
/// A folder with a subfolder for each version of the CLI, and <c>bin/amp</c>, which starts one of them. Switching to another version is a
/// single step, so a complete CLI exists at any moment.
/// </summary>
internal sealed partial class InstallFolder(string root)
{
    private const string Staging = ".staging-";
    private const string LockName = ".lock";
    private static readonly TimeSpan s_abandonedAfter = TimeSpan.FromDays(1);

    public string Root { get; } = root;

    /// <summary>The file that starts the CLI: a link, or on Windows a shim like npm's.</summary>
    public string Entry { get; } = Path.Combine(root, "bin", OperatingSystem.IsWindows() ? "amp.cmd" : "amp");

    /// <summary>The default folder of the user on each system; null if there is no home folder.</summary>
    public static string? Default(IReadOnlyDictionary<string, string> environment) =>
        UserFolder.Data(environment) is string data ? Path.Combine(data, "cli") : null;

    /// <summary>Refuses a folder in which another user can create programs, because programs in it are started.</summary>
    /// <exception cref="AmpValidationException">The folder, one of its parents or its content belongs to another user, or is writable for
    /// everyone.</exception>
    public void RefuseForeign(string version)
    {
        foreach (string path in (string[])[RealPath.NearestFolder(RealPath.Of(Root)) ?? Root, Path.Combine(Root, "bin"), VersionFolder(version), Entry])
        {
            // A link belongs to the user whose folder contains it. Its target is below the version's folder.
            if (FileFacts.OfPath(path) is FileFacts facts && (!facts.IsTrusted || (facts.IsFolder && facts.IsOpenToAll)))
            {
                throw new AmpValidationException(
                    $"'{path}' {(facts.IsTrusted ? "can be written to by every user" : $"belongs to another user (ID {facts.Owner})")}, who could put another program there.",
                    nameof(CliInstallOptions.Folder),
                    "Use a folder that only you can write to.",
                    Root);
            }
        }
    }

    /// <summary>Waits until no other installation uses this folder, and keeps others waiting until the result is disposed.</summary>
    /// <param name="limit">The time limit; null or zero for none.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="AmpTimeoutException">Another installation did not complete within the time limit.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public async Task<IDisposable> LockAsync(TimeSpan? limit, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Root);
        TimeSpan? most = limit is { Ticks: > 0 } ? limit : null;
        try
        {
            return await LockFile.TakeAsync(Path.Combine(Root, LockName), most, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception) when (most is not null && LockFile.IsOther(exception))
        {
            throw new AmpTimeoutException(
                $"Another installation into '{Root}' did not complete within {most.Value.TotalSeconds:0.#} s.",
                AmpErrorId.Timeout,
                most.Value,
                "Wait until it has completed, then try again.");
        }
    }

    public string VersionFolder(string version) => Path.Combine(Root, version);

    /// <summary>Gets the version that the entry starts; null if there is none.</summary>
    /// <exception cref="AmpValidationException">The entry is another user's file.</exception>
    public string? CurrentVersion()
    {
        FileInfo entry = new(Entry);
        if (!entry.Exists && entry.LinkTarget is null)
        {
            return null;
        }

        string target = entry.LinkTarget ?? (OperatingSystem.IsWindows() && entry.Length < 4096 ? BoundedFile.ReadText(Entry) : string.Empty);
        return VersionPattern().Match(target) is { Success: true } version
            ? version.Value
            : throw new AmpValidationException(
                $"'{Entry}' already exists and does not belong to such an installation.",
                nameof(CliInstallOptions.Folder),
                "Give another folder, or move that file away.",
                Root);
    }

    /// <summary>Creates an empty folder on the same file system, so that it can be moved in one step.</summary>
    public string OpenStaging()
    {
        Directory.CreateDirectory(Root);
        foreach (string left in Directory.EnumerateDirectories(Root, Staging + "*"))
        {
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(left) > s_abandonedAfter)
            {
                TryDelete(left);
            }
        }

        return Directory.CreateDirectory(Path.Combine(Root, Staging + Guid.NewGuid().ToString("N"))).FullName;
    }

    /// <summary>Moves the staged files to the folder of the version. An existing version that did not work is deleted.</summary>
    public void Place(string staging, string version)
    {
        string place = VersionFolder(version);
        if (Directory.Exists(place))
        {
            string old = Path.Combine(Root, Staging + Guid.NewGuid().ToString("N"));
            Directory.Move(place, old);
            Directory.Move(staging, place);
            TryDelete(old);
        }
        else
        {
            Directory.Move(staging, place);
        }
    }

    /// <summary>Switches the entry to a program below this folder, in one step.</summary>
    public void LeadTo(string program)
    {
        string bin = Path.GetDirectoryName(Entry)!;
        Directory.CreateDirectory(bin);
        string relative = Path.GetRelativePath(bin, program);
        if (OperatingSystem.IsWindows())
        {
            string start = program.EndsWith(".js", StringComparison.OrdinalIgnoreCase) ? "node " : string.Empty;
            WholeFile.Write(Entry, Encoding.UTF8.GetBytes($"@{start}\"%~dp0\\{relative}\" %*\r\n"));
        }
        else
        {
            WholeFile.Link(Entry, relative);
        }
    }

    /// <summary>Deletes older versions, except the previous one, which may still be running.</summary>
    public void RemoveAllBut(params string?[] versions)
    {
        foreach (string folder in Directory.EnumerateDirectories(Root))
        {
            string name = Path.GetFileName(folder);
            if (VersionPattern().Match(name) is { Success: true } version && version.Length == name.Length && !versions.Contains(name))
            {
                TryDelete(folder);
            }
        }
    }

    public static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // On Windows, a running program cannot be deleted. The next installation tries again.
        }
    }

    [GeneratedRegex(@"0\.0\.[0-9]{1,12}-g[0-9a-f]{1,40}", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}
