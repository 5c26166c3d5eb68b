using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Amp.Files;

namespace Amp.Checkpoints;

/// <content>The present state of the files.</content>
internal sealed partial class CheckpointStore
{
    /// <summary>Keeps the present state of the files, without a name.</summary>
    /// <param name="cause">What the checkpoint is for; null if only its difference to another state is wanted.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <param name="isLook">Whether the state is only looked at: files above the limit still count as new for the next run.</param>
    public async Task<KeptState> KeepAsync(CheckpointCause? cause, CancellationToken cancellationToken, bool isLook = false)
    {
        for (bool isFresh = false; ; isFresh = true)
        {
            string index = _private.NewIndex();
            try
            {
                Action? note;
                using (await _private.HoldAsync(cancellationToken).ConfigureAwait(false))
                {
                    note = _private.IsUserIndexNew(out Action known) || isFresh ? known : null;
                    if (!isFresh)
                    {
                        _private.CopyIndex(index);
                    }
                }

                if (await TryKeepAsync(index, isFresh, note, cause, isLook, cancellationToken).ConfigureAwait(false) is KeptState state)
                {
                    return state;
                }
            }
            catch (FormatException) when (!isFresh)
            {
                // The index is damaged. It only saves time.
            }
            catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
            {
                throw Unusable(exception.Message, string.Empty, exception);
            }
            finally
            {
                PrivateRepository.DropIndex(index);
            }
        }
    }

    // Returns null if the index names objects that do not exist anymore, because git has cleaned up those without a name. Everything must be added again.
    private async Task<KeptState?> TryKeepAsync(
        string index, bool isFresh, Action? noteTracked, CheckpointCause? cause, bool isLook, CancellationToken cancellationToken)
    {
        SortedSet<string> unreadable = new(StringComparer.Ordinal);
        Action note = await AddTrackedAsync(index, noteTracked, unreadable, cancellationToken).ConfigureAwait(false);
        if (cause is CheckpointCause.Run or CheckpointCause.Call)
        {
            await DropIgnoredAsync(index, cancellationToken).ConfigureAwait(false);
        }

        // Git would start a child in a repository that it knows already, to which none of our settings apply. In a new one, it only reads HEAD.
        await RemoveAsync(index, ReadIndex(index).Repositories, cancellationToken).ConfigureAwait(false);
        bool isLarge = false;
        if (!_tree.IsRepository && !isFresh && (isLook || cause != CheckpointCause.Restore))
        {
            long size = await NewSizeAsync(index, cancellationToken).ConfigureAwait(false);
            isLarge = size > SizeLimit;
            if (isLarge && cause != CheckpointCause.Restore)
            {
                // A restore must be able to undo whatever a run wrote, and to be undone.
                throw TooLarge(size);
            }
        }

        Task<IReadOnlyList<string>> ignoring = cause is null ? Task.FromResult<IReadOnlyList<string>>([]) : ListIgnoredAsync(index, cancellationToken);
        GitAnswer added;
        try
        {
            added = await _git.RunAsync(
                _private.Call(index, "add", "-A", "--ignore-errors", "--no-warn-embedded-repo", ".") with { IsAnswer = static code => code == 1 }, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            // Its process must not outlive a failure.
            await ((Task)ignoring).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (KeptState.NamedIn(added.StandardError) is not { } named || (added.ExitCode != 0 && named.Unreadable.Count + named.Repositories.Count == 0))
        {
            throw Unusable($"Git could not add its files.{Processes.StandardErrorTail.Quoted(added.StandardError)}", added.StandardError);
        }

        unreadable.UnionWith(named.Unreadable);
        GitAnswer tree = await _git.RunAsync(
            _private.Call(index, "write-tree") with { IsAnswer = code => !isFresh && code == 128 }, cancellationToken).ConfigureAwait(false);
        if (tree.ExitCode != 0)
        {
            return null;
        }

        bool isStart = cause is CheckpointCause.Run or CheckpointCause.Call;
        bool isAll = unreadable.Count + named.Repositories.Count == 0;
        List<string>? files = isStart || !isAll ? [] : null;
        KeptIndex kept = ReadIndex(index, files);
        HashSet<string> places = PathSet.WithFolders(isAll ? [] : files!);
        string[] repositories = [.. named.Repositories.Where(path => KeptState.IsRepository(Root, path, places))];
        string[] reported = [.. unreadable, .. named.Repositories.Except(repositories)];
        IReadOnlyList<string> ignored = await ignoring.ConfigureAwait(false);
        if (File.Exists(index) && !(isLook && isLarge))
        {
            using FileStream held = await _private.HoldAsync(cancellationToken).ConfigureAwait(false);
            _private.TakeIndex(index);
            note();
        }

        return new KeptState(
            tree.Text,
            kept.Files,
            [.. reported.Where(IsMissing)],
            [.. repositories, .. kept.Repositories.Select(Encoding.UTF8.GetString)])
        {
            Reported = reported,
            Ignored = ignored,
            UsesLargeFiles = isStart && KeptState.NamesLargeFiles(_tree, files!),
            Private = isStart ? RestoredModes.FindPrivate(Root, files!, _private.UsualMode()) : [],
        };

        // Git may not add what this process can open: a path that is too long for it, or a file that another program held for a moment.
        bool IsMissing(string path) => KeptState.IsUnreadable(Root, path) || (!places.Contains(path.TrimEnd('/')) && KeptState.IsThere(Root, path));
    }

    private KeptIndex ReadIndex(string index, List<string>? files = null) =>
        File.Exists(index) ? KeptIndex.Read(BoundedFile.Read(index, int.MaxValue), _tree.ObjectFormat == "sha1" ? 20 : 32, files) : new KeptIndex(0, []);

    // Files that were added although they are ignored are tracked, but a new index does not know them. If the note is null, it knows them.
    private async Task<Action> AddTrackedAsync(string index, Action? note, SortedSet<string> unreadable, CancellationToken cancellationToken)
    {
        if (!_tree.IsRepository || note is null)
        {
            return static () => { };
        }

        GitAnswer tracked = await _git.RunAsync(
            WorkTree.Call(Root, "ls-files", "-z", "--cached", "--ignored", "--exclude-standard"), cancellationToken).ConfigureAwait(false);
        List<byte[]> paths = [.. tracked.Parts()];
        bool isWhole = true;
        while (paths.Count > 0)
        {
            GitAnswer added = await _git.RunAsync(
                _private.Call(index, "update-index", "--add", "--remove", "-z", "--stdin") with { Input = Joined(paths), IsAnswer = static code => code is 1 or 128 },
                cancellationToken).ConfigureAwait(false);
            if (added.ExitCode != 128)
            {
                break;
            }

            // It stops at the first file that it cannot add, and adds none.
            string failed = FailedPattern().Match(added.StandardError).Groups["path"].Value;
            int at = paths.FindIndex(path => Encoding.UTF8.GetString(path).TrimEnd() == failed.TrimEnd());
            if (at < 0)
            {
                throw Unusable($"Git could not add its tracked files.{Processes.StandardErrorTail.Quoted(added.StandardError)}", added.StandardError);
            }

            paths.RemoveAt(at);
            isWhole = false;
            if (!Directory.Exists(Path.Combine(Root, failed)))
            {
                unreadable.Add(failed);
            }
        }

        return isWhole ? note : static () => { };
    }

    // The index contains files that were kept before they were ignored, but whose new contents, such as secrets, are not meant to be kept.
    private async Task DropIgnoredAsync(string index, CancellationToken cancellationToken)
    {
        GitAnswer ignored = await _git.RunAsync(
            _private.Call(index, "ls-files", "-z", "--cached", "--ignored", "--exclude-standard"), cancellationToken).ConfigureAwait(false);
        if (ignored.Output.Length == 0)
        {
            return;
        }

        HashSet<string> tracked = new(StringComparer.Ordinal);
        if (_tree.IsRepository)
        {
            GitAnswer all = await _git.RunAsync(WorkTree.Call(Root, "ls-files", "-z", "--cached"), cancellationToken).ConfigureAwait(false);
            tracked.UnionWith(all.Parts().Select(Encoding.Latin1.GetString));
        }

        await RemoveAsync(index, [.. ignored.Parts().Where(path => !tracked.Contains(Encoding.Latin1.GetString(path)))], cancellationToken).ConfigureAwait(false);
    }

    private async Task RemoveAsync(string index, IReadOnlyList<byte[]> paths, CancellationToken cancellationToken)
    {
        if (paths.Count > 0)
        {
            await _git.RunAsync(_private.Call(index, "update-index", "--force-remove", "-z", "--stdin") with { Input = Joined(paths) }, cancellationToken).ConfigureAwait(false);
        }
    }

    // While files are added: both walk through all folders. It has a copy of the index, which tells what is tracked although it is ignored; Git replaces the other one.
    private async Task<IReadOnlyList<string>> ListIgnoredAsync(string index, CancellationToken cancellationToken)
    {
        string copy = _private.NewIndex();
        try
        {
            if (File.Exists(index))
            {
                File.Copy(index, copy);
            }

            return await IgnoredAsync(copy, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            PrivateRepository.DropIndex(copy);
        }
    }

    // The ignored files, and folders that are ignored as a whole.
    private async Task<IReadOnlyList<string>> IgnoredAsync(string index, CancellationToken cancellationToken)
    {
        string[] list = ["-z", "--others", "--ignored", "--exclude-standard"];
        GitAnswer found = await _git.RunAsync(_private.Call(index, "ls-files", [.. list, "--directory", "--no-empty-directory"]), cancellationToken).ConfigureAwait(false);
        byte[][] folders = [.. found.Parts().Where(path => path is [.., (byte)'/'])];
        if (folders.Length == 0)
        {
            return Texts(found);
        }

        // A folder is also listed if all files in it happen to be ignored. Another file in it is not.
        GitAnswer whole = await _git.RunAsync(
            _private.Call(index, "check-ignore", "-z", "--stdin") with { Input = Joined(folders), IsAnswer = static code => code == 1 }, cancellationToken).ConfigureAwait(false);
        string[] ignored = Texts(whole);
        if (ignored.Length == folders.Length)
        {
            return Texts(found);
        }

        GitAnswer files = await _git.RunAsync(_private.Call(index, "ls-files", list), cancellationToken).ConfigureAwait(false);
        PathSet inFolders = new(ignored);
        return [.. ignored, .. Texts(files).Where(path => !inFolders.Holds(path))];

        static string[] Texts(GitAnswer answer) => [.. answer.Parts().Select(Encoding.UTF8.GetString)];
    }

    private static byte[] Joined(IReadOnlyList<byte[]> paths) => [.. paths.SelectMany(path => path.Append((byte)0))];

    private async Task<long> NewSizeAsync(string index, CancellationToken cancellationToken)
    {
        GitAnswer files = await _git.RunAsync(
            _private.Call(index, "ls-files", "-z", "--others", "--modified", "--exclude-standard"), cancellationToken).ConfigureAwait(false);
        long size = 0;
        foreach (string path in files.Parts().Select(Encoding.UTF8.GetString).Distinct(StringComparer.Ordinal))
        {
            FileInfo file = new(Path.Combine(Root, path));
            size += file is { Exists: true, LinkTarget: null } ? file.Length : 0;
        }

        return size;
    }

    private AmpValidationException TooLarge(long size) => new(
        $"The new files in '{Root}' are {Size(size)} in total. The limit for a checkpoint of a folder that is not in a repository is {Size(SizeLimit)}.",
        AmpOptionName.Checkpoint,
        "Add what does not require a checkpoint to a .gitignore file, work in a smaller folder, or run 'git init' in the folder (earlier checkpoints of the folder are then found only without its .git folder).",
        Root);

    private static string Size(long bytes) => bytes < 1024 * 1024
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):N0} MiB");

    [GeneratedRegex(@"^fatal: Unable to process path (?<path>.+)\z", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FailedPattern();
}
