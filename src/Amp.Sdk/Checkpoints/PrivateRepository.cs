using System.Security.Cryptography;
using System.Text;
using Amp.Files;
using Amp.Processes;

namespace Amp.Checkpoints;

/// <summary>
/// A folder of this library in the user's state folder, with an index of its own for a work tree, so that the user's index is never touched.
/// Its attributes turn every conversion of files off, so that files are kept and restored byte by byte, and no program of a filter is started.
/// Outside a repository, it also holds the objects.
/// </summary>
internal sealed class PrivateRepository
{
    /// <summary>The name of the file that <see cref="HoldAsync"/> locks.</summary>
    public const string LockName = "lock";

    private const string IndexName = "index";
    private const string ActivePrefix = "active-";

    // A run holds the lock while a file is copied or replaced. On a busy machine, that can take seconds.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // No text, no keywords, no filters, no encodings. An encoding cannot be turned off with a dash.
    private const string Attributes = "* -text -ident -filter !working-tree-encoding !diff !merge\n";

    private readonly WorkTree _tree;

    private PrivateRepository(string path, WorkTree tree)
    {
        Path = path;
        _tree = tree;
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>The index that belongs to the state that was kept last.</summary>
    public string Index => System.IO.Path.Combine(Path, IndexName);

    /// <summary>Creates the folder, or checks it and brings it up to date.</summary>
    /// <exception cref="AmpException">The folder cannot be written, or others can write to it.</exception>
    public static PrivateRepository Open(WorkTree tree, IReadOnlyDictionary<string, string> environment)
    {
        string parent = Parent(environment);

        // The index belongs to the objects that it names: a folder can become a repository later.
        string key = tree.ObjectFolder is string objects ? $"{tree.Root}\n{objects}" : tree.Root;
        PrivateRepository repository = new(System.IO.Path.Combine(parent, Name(key)), tree);
        try
        {
            MakeFolder(parent);
            MakeFolder(repository.Path);
            repository.Prepare(parent);
            return repository;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpProcessException(
                $"The checkpoint cannot be kept in '{parent}': {exception.Message}",
                AmpErrorId.CheckpointFailed,
                "Set XDG_STATE_HOME (LOCALAPPDATA on Windows) to a folder that you can write to.",
                exception);
        }
    }

    /// <summary>Returns whether there is a ref of a folder from a time when it was in no repository.</summary>
    public static bool HasRef(string folder, IReadOnlyDictionary<string, string> environment, string name) =>
        File.Exists(System.IO.Path.Combine(Parent(environment), Name(folder), name));

    /// <summary>Gets the options of every command that works on the files, without the settings of the folder.</summary>
    /// <param name="isWindows">Whether the system is Windows, where git otherwise does not open paths of more than 259 characters.</param>
    public static IReadOnlyList<string> UsualOptions(bool isWindows) =>
    [
        "-c", "core.fsmonitor=false", "-c", WorkTree.NoHooks, "-c", "core.autocrlf=false", "-c", "gc.auto=0",
        .. isWindows ? (string[])["-c", "core.longpaths=true"] : [],
    ];

    /// <summary>Creates a command that works on the files with an index.</summary>
    /// <param name="index">The index; null if the command needs none.</param>
    /// <param name="name">The name of the command.</param>
    /// <param name="arguments">Its arguments.</param>
    public GitCall Call(string? index, string name, params string[] arguments)
    {
        Dictionary<string, string> variables = new()
        {
            ["GIT_DIR"] = Path,
            ["GIT_WORK_TREE"] = _tree.Root,
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = System.IO.Path.Combine(Path, "none"),
            ["GIT_INDEX_FILE"] = index ?? Index,
        };
        if (_tree.ObjectFolder is string objects)
        {
            variables["GIT_OBJECT_DIRECTORY"] = objects;
        }

        // The settings of the folder are repeated, because they are what a program of the same user could change.
        List<string> options = [.. UsualOptions(OperatingSystem.IsWindows())];
        options.AddRange(_tree.Settings.SelectMany(setting => (string[])["-c", setting]));
        return new GitCall(_tree.Root, [.. options, name, .. arguments]) { Name = name, Variables = variables };
    }

    /// <summary>Gets the path of an index that belongs to one command only and is empty, which means that it does not exist.</summary>
    public string NewIndex() => System.IO.Path.Combine(Path, OwnName(IndexName + "-"));

    /// <summary>
    /// Keeps other runs away from the index and its notes until the returned lock is disposed of. On Windows, no run can replace a file while another one
    /// reads it.
    /// </summary>
    /// <exception cref="IOException">Another run holds the lock for too long, or the file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The user does not have permission to create it.</exception>
    /// <exception cref="AmpCanceledException">The wait was canceled.</exception>
    public Task<FileStream> HoldAsync(CancellationToken cancellationToken) =>
        LockFile.TakeAsync(System.IO.Path.Combine(Path, LockName), s_patience, cancellationToken);

    /// <summary>Makes a copy of the index that belongs to one command only, so that a command that is stopped leaves the index as it is.</summary>
    /// <param name="copy">The path from <see cref="NewIndex"/>.</param>
    public void CopyIndex(string copy)
    {
        if (File.Exists(Index))
        {
            // Git compares the times of files with that of the index, to know whether they may have changed after it was written. Another run may
            // replace the index at any moment.
            DateTime time;
            do
            {
                time = File.GetLastWriteTimeUtc(Index);
                File.Copy(Index, copy, overwrite: true);
            }
            while (time != File.GetLastWriteTimeUtc(Index));

            File.SetLastWriteTimeUtc(copy, time);
        }
    }

    /// <summary>Makes a copy the index.</summary>
    public void TakeIndex(string copy) => File.Move(copy, Index, overwrite: true);

    /// <summary>Deletes a copy of the index.</summary>
    public static void DropIndex(string copy)
    {
        foreach (string path in (string[])[copy, copy + ".lock"])
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Deleted by a later checkpoint.
            }
        }
    }

    /// <summary>Gets the mode of a file that a program of the user creates; null on Windows.</summary>
    public UnixFileMode? UsualMode()
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        string path = NewIndex();
        try
        {
            File.WriteAllText(path, string.Empty);
            return File.GetUnixFileMode(path);
        }
        finally
        {
            DropIndex(path);
        }
    }

    /// <summary>Whether the user's index has changed since this was asked last; it is always new at first.</summary>
    public bool IsUserIndexNew(out Action note)
    {
        string stamp = System.IO.Path.Combine(Path, "seen");
        FileInfo? user = _tree.IndexFile is string path ? new FileInfo(path) : null;
        string now = user is { Exists: true } ? $"{user.Length} {user.LastWriteTimeUtc.Ticks}" : "none";
        note = () => File.WriteAllText(stamp, now);
        return user is { Exists: true } && !(File.Exists(Index) && File.Exists(stamp) && BoundedFile.ReadText(stamp) == now);
    }

    /// <summary>Notes that a run works in the work tree, until the returned file is deleted.</summary>
    /// <param name="held">The lock of the file, to be disposed of after that; null if this system needs none.</param>
    public string Enter(out FileStream? held)
    {
        string own = System.IO.Path.Combine(Path, OwnName(ActivePrefix));
        held = null;
        if (OperatingSystem.IsLinux())
        {
            held = WriteLocked(own);
        }
        else
        {
            File.WriteAllText(own, string.Empty);
        }

        return own;
    }

    /// <summary>Returns whether another run works in the work tree.</summary>
    /// <param name="own">The file from <see cref="Enter"/>.</param>
    public bool HasOthers(string own)
    {
        bool others = false;
        foreach (string file in Directory.EnumerateFiles(Path, ActivePrefix + "*").Where(file => file != own))
        {
            if (IsActive(file))
            {
                others = true;
            }
            else
            {
                File.Delete(file);
            }
        }

        return others;
    }

    // The ID of a process in another container says nothing here, but its lock ends with it. Nobody finds the file before it is locked.
    private FileStream WriteLocked(string own)
    {
        string path = NewIndex();
        FileStream held = LockFile.Take(path);
        try
        {
            File.Move(path, own, overwrite: true);
            return held;
        }
        catch
        {
            held.Dispose();
            DropIndex(path);
            throw;
        }
    }

    private static bool IsActive(string file) =>
        MakerOf(file, ActivePrefix) is { IsKnown: true } maker ? !maker.IsGone : LockFile.IsHeld(file);

    private static string OwnName(string prefix) => $"{prefix}{ProcessIdentity.Current.ToString('-')}-{Guid.NewGuid():N}";

    // Whether the process that made a file has certainly exited.
    private static bool IsLeftover(string file, string prefix) => MakerOf(file, prefix) is { IsGone: true };

    private static ProcessIdentity? MakerOf(string file, string prefix)
    {
        string name = System.IO.Path.GetFileName(file)[prefix.Length..];
        return ProcessIdentity.Parse(name[..Math.Max(0, name.LastIndexOf('-'))], '-');
    }

    private static string Parent(IReadOnlyDictionary<string, string> environment) => UserFolder.State(environment) is string state
        ? System.IO.Path.Combine(state, "checkpoints")
        : throw new AmpProcessException(
            "A checkpoint cannot be kept, because the user has no state folder.",
            AmpErrorId.CheckpointFailed,
            "Set HOME or XDG_STATE_HOME (LOCALAPPDATA on Windows) to the full path of a folder that you own.");

    private static string Name(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 12)).ToLowerInvariant();

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            OwnFolder.Make(path);
            return;
        }

        Directory.CreateDirectory(path, WholeFile.OwnerOnly | UnixFileMode.UserExecute);
        if (OperatingSystem.IsLinux() && FileFacts.OfPath(path) is not { IsPrivateFolder: true })
        {
            throw new IOException($"'{path}' is not a folder that only this user can access.");
        }
    }

    private void Prepare(string parent)
    {
        bool hasOtherFormat = _tree.ObjectFormat != "sha1";
        StringBuilder config = new();
        config.Append("[core]\n\trepositoryformatversion = ").Append(hasOtherFormat ? '1' : '0').Append("\n\tbare = false\n\tlogallrefupdates = false\n")
            .Append("[index]\n\tversion = 2\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[advice]\n\taddEmbeddedRepo = false\n");
        if (!_tree.IsRepository && IgnoresCase(_tree.Root))
        {
            // What git notes in a repository that it creates. Without it, a file whose name has changed in its case only would be two files.
            config.Append("[core]\n\tignorecase = true\n");
        }

        if (hasOtherFormat)
        {
            config.Append("[extensions]\n\tobjectformat = ").Append(_tree.ObjectFormat).Append('\n');
        }

        string excludes = _tree.ExcludeFile is string file && File.Exists(file) ? BoundedFile.ReadText(file) : string.Empty;
        string own = System.IO.Path.GetRelativePath(_tree.Root, RealPath.Of(parent)).Replace('\\', '/');
        if (!own.StartsWith("..", StringComparison.Ordinal) && !System.IO.Path.IsPathFullyQualified(own))
        {
            excludes = $"{excludes.TrimEnd('\n')}\n/{own}/\n";
        }

        Directory.CreateDirectory(System.IO.Path.Combine(Path, "refs"));
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "objects"));
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "info"));
        Write("HEAD", "ref: refs/heads/none\n");
        Write("config", config.ToString());
        Write("info/attributes", Attributes);
        Write("info/exclude", excludes);
        Write("folder", _tree.Root + "\n");
        foreach (string left in Directory.EnumerateFiles(Path, IndexName + "-*"))
        {
            if (IsLeftover(left, IndexName + "-"))
            {
                DropIndex(left);
            }
        }
    }

    // Tries a name of the folder in another case, because this repository may be in a file system of another kind.
    private static bool IgnoresCase(string folder)
    {
        try
        {
            foreach (string name in Directory.EnumerateFileSystemEntries(folder).Select(path => System.IO.Path.GetFileName(path)))
            {
                string other = string.Concat(name.Select(letter => char.IsAsciiLetter(letter) ? (char)(letter ^ ' ') : letter));
                if (other != name)
                {
                    return BoundedFile.IsThere(System.IO.Path.Combine(folder, other))
                        && !Directory.EnumerateFileSystemEntries(folder).Any(path => System.IO.Path.GetFileName(path) == other);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Git tells what it cannot read.
        }

        return false;
    }

    private void Write(string name, string content)
    {
        string path = System.IO.Path.Combine(Path, name);
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        if (IsWritten())
        {
            return;
        }

        try
        {
            WholeFile.Write(path, bytes, WholeFile.OwnerOnly);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && IsWritten())
        {
            // Another run has written the same at the same time.
        }

        bool IsWritten() => File.Exists(path) && BoundedFile.Read(path).AsSpan().SequenceEqual(bytes);
    }
}
