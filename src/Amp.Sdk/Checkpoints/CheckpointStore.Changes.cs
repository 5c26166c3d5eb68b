using System.Text;
using Amp.Files;
using Amp.Text;

namespace Amp.Checkpoints;

/// <content>The differences of states, and the way back to one.</content>
internal sealed partial class CheckpointStore
{
    private const int LongestDiff = 256 * 1024;

    // Counting lines takes the time of comparing the files.
    private const int MostCounted = 5000;

    /// <summary>Compares two states.</summary>
    /// <param name="before">The name of the first state.</param>
    /// <param name="after">The name of the second state.</param>
    /// <param name="skipped">Paths that are not compared, because one of the states does not contain them.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    public Task<IReadOnlyList<FileDifference>> CompareAsync(string before, string after, IReadOnlyList<string> skipped, CancellationToken cancellationToken) =>
        CompareAsync(before, after, new PathSet(skipped).Holds, cancellationToken);

    /// <summary>Compares a state with the present one. What is gone is a difference, also if a nested repository or an ignored folder is in its place.</summary>
    /// <param name="before">The name of the state.</param>
    /// <param name="now">The present state.</param>
    /// <param name="known">Paths that the first state does not contain.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    public Task<IReadOnlyList<FileDifference>> CompareAsync(string before, KeptState now, IReadOnlyList<string> known, CancellationToken cancellationToken)
    {
        PathSet left = new(known);
        PathSet unreadable = new(now.Unreadable);
        PathSet ignored = new(now.Ignored);
        return CompareAsync(
            before,
            now.Tree,
            path => left.Holds(path) || (unreadable.Holds(path) && MayBeThere(path)) || (ignored.Holds(path) && IsFile(Path.Combine(Root, path))),
            cancellationToken);

        bool MayBeThere(string path) => KeptState.IsUnreadable(Root, path) || KeptState.IsThere(Root, path);

        static bool IsFile(string path) => File.Exists(path) || new FileInfo(path).LinkTarget is not null;
    }

    private async Task<IReadOnlyList<FileDifference>> CompareAsync(string before, string after, Func<string, bool> isLeft, CancellationToken cancellationToken)
    {
        IReadOnlyList<TreeEntry> entries = await DifferenceAsync(before, after, renames: true, counts: false, cancellationToken).ConfigureAwait(false);
        if (entries.Count is > 0 and <= MostCounted)
        {
            entries = await DifferenceAsync(before, after, renames: true, counts: true, cancellationToken).ConfigureAwait(false);
        }

        if (entries.Any(IsHalf))
        {
            // Only one of its names is compared: under that name, the file is new or gone.
            ILookup<string, TreeEntry> alone = (await DifferenceAsync(before, after, renames: false, counts: entries.Count <= MostCounted, cancellationToken).ConfigureAwait(false))
                .ToLookup(entry => entry.Path, StringComparer.Ordinal);
            entries = [.. entries.SelectMany(entry => IsHalf(entry) ? alone[isLeft(entry.Path) ? entry.PreviousPath! : entry.Path] : [entry]).OrderBy(entry => entry.Path, StringComparer.Ordinal)];
        }

        return ReadableList<FileDifference>.Over(
        [
            .. entries.Where(entry => entry.IsRepository || !isLeft(entry.Path))
                .Select(entry => Show(before, after, entry)),
        ]);

        bool IsHalf(TreeEntry entry) => entry.PreviousPath is string previous && isLeft(previous) != isLeft(entry.Path);
    }

    /// <summary>Determines what a checkpoint would change, one entry for each path.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="now">The present state.</param>
    /// <param name="paths">Full paths of the files, and of folders with everything in them; null for all.</param>
    /// <param name="force">Whether files that were edited after the run are changed too.</param>
    /// <param name="only">The paths of the only entries that may be changed, relative to the root; null for no such limit.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="AmpCheckpointException">Files were edited after the run, or cannot be read or replaced now.</exception>
    public async Task<IReadOnlyList<TreeEntry>> PlanAsync(
        AmpCheckpoint checkpoint, KeptState now, IReadOnlyList<string>? paths, bool force, IReadOnlySet<string>? only, CancellationToken cancellationToken)
    {
        string[]? wanted = paths is null ? null : [.. paths.Select(Relative)];
        PathSet chosen = new(wanted ?? []);

        // An ignored file that existed before may not be ignored anymore, because the run changed .gitignore. It is still not ours to delete.
        string[] known = [.. checkpoint.NotKept, .. checkpoint.Ignored];
        PathSet left = new([.. known, .. now.Unreadable]);
        string[] unreadable = now.ReportedExcept(known);
        if (!force)
        {
            RefuseUnreadable(
                checkpoint, [.. unreadable.Where(path => wanted is null || wanted.Contains(".") || chosen.Holds(path) || wanted.Any(new PathSet([path]).Holds))]);
        }

        TreeEntry[] all =
        [
            .. (await DifferenceAsync(now.Tree, checkpoint.Start, renames: false, counts: false, cancellationToken).ConfigureAwait(false))
                .Where(entry => wanted is null || wanted.Contains(".") || chosen.Holds(entry.Path)),
        ];
        RefuseRepositories(checkpoint, now.RepositoriesExcept(known), all);
        TreeEntry[] entries = [.. all.Where(entry => !entry.IsRepository && !left.Holds(entry.Path))];
        RefuseMissing(checkpoint, wanted ?? [], entries, new PathSet(unreadable));
        entries = only is null ? entries : [.. entries.Where(entry => only.Contains(entry.Path))];
        RefuseObstacles(checkpoint, entries);

        // Who kept a state by a call knows what was edited since.
        if (force || entries.Length == 0 || checkpoint.Cause == CheckpointCause.Call)
        {
            return entries;
        }

        HashSet<string> edited = checkpoint.End is null ? [.. entries.Select(entry => entry.Path)] : new(
            (await DifferenceAsync(checkpoint.End, now.Tree, renames: false, counts: false, cancellationToken).ConfigureAwait(false)).Select(entry => entry.Path),
            StringComparer.Ordinal);
        string[] refused = [.. entries.Select(entry => entry.Path).Where(edited.Contains)];
        return refused.Length == 0 ? entries : throw Conflict(
            checkpoint,
            checkpoint.End is null
                ? $"The state at the end of the run of checkpoint '{checkpoint.Id}' was not kept, so it is not known which files were edited after the run. The restore would change {KeptState.Shown(refused)}."
                : $"These files were edited after the run of checkpoint '{checkpoint.Id}': {KeptState.Shown(refused)}. Nothing was restored.",
            "Compare them with CheckpointClient.CompareAsync. Restore other files by their paths, or restore these files too, by force.",
            refused);
    }

    /// <summary>Shows an entry of <see cref="PlanAsync"/>.</summary>
    public FileDifference Show(string before, string after, TreeEntry entry) => new(Root, entry, () => Diff(before, after, entry));

    /// <summary>Restores files, after the present state was kept as a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="entries">The entries of <see cref="PlanAsync"/>.</param>
    /// <param name="now">The present state.</param>
    /// <param name="cancellationToken">Cancels the preparation. Once files are changed, all of them are.</param>
    /// <returns>The checkpoint of the state before.</returns>
    /// <exception cref="AmpException">A file cannot be changed, or is changed by another program at this moment.</exception>
    public async Task<AmpCheckpoint> RestoreAsync(AmpCheckpoint checkpoint, IReadOnlyList<TreeEntry> entries, KeptState now, CancellationToken cancellationToken)
    {
        // Undoing it leaves the same files as they are.
        CheckpointRecord record = new(CheckpointCause.Restore, DateTimeOffset.Now)
        {
            Place = Place,
            Files = now.Files,
            NotKept = now.NotKept,
            Repositories = now.Repositories,
            Ignored = [.. now.Ignored.Union(checkpoint.Ignored, StringComparer.Ordinal)],
        };
        string id = NewId(record.Time);
        string index = _private.NewIndex();
        string target = _private.NewIndex();
        try
        {
            using (await _private.HoldAsync(cancellationToken).ConfigureAwait(false))
            {
                _private.CopyIndex(index);
                _private.CopyIndex(target);
            }

            UnixFileMode? usual = _private.UsualMode();
            List<string> files = [];
            _ = ReadIndex(index, files);
            record = record with { Private = RestoredModes.FindPrivate(Root, files, usual) };
            await _git.RunAsync(_private.Call(target, "update-index", "-z", "--index-info") with { Input = IndexInfo(entries) }, cancellationToken).ConfigureAwait(false);
            string tree = (await _git.RunAsync(_private.Call(target, "write-tree"), cancellationToken).ConfigureAwait(false)).Text;
            await RefuseChangedAsync(index, now.Tree, tree, cancellationToken).ConfigureAwait(false);
            RestoredModes modes = new(Root, entries, checkpoint.Private, usual);
            string before = await NameAsync(id, now.Tree, null, record, cancellationToken).ConfigureAwait(false);
            return new AmpCheckpoint(id, record, Root, before, await ChangeAsync(index, now.Tree, tree, before, id, record, modes).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw Unusable(exception.Message, string.Empty, exception);
        }
        finally
        {
            PrivateRepository.DropIndex(index);
            PrivateRepository.DropIndex(target);
        }
    }

    // Git refuses before it changes anything if a file is not what was just kept, or if an ignored file is in the way. Then there is nothing to undo.
    private async Task RefuseChangedAsync(string index, string from, string to, CancellationToken cancellationToken)
    {
        GitAnswer answer = await _git.RunAsync(
            _private.Call(index, "read-tree", "-n", "-m", "-u", from, to) with { IsAnswer = static _ => true }, cancellationToken).ConfigureAwait(false);
        if (answer.ExitCode != 0)
        {
            throw new AmpProcessException(
                $"The checkpoint was not restored.{Processes.StandardErrorTail.Quoted(answer.StandardError)}", AmpErrorId.CheckpointFailed, "Read what git wrote. Your files are unchanged.")
            {
                StandardError = answer.StandardError,
            };
        }
    }

    // Whatever fails here, the user gets the ID of the state before. Returns the name of the state after it.
    private async Task<string> ChangeAsync(string index, string from, string to, string before, string id, CheckpointRecord record, RestoredModes modes)
    {
        bool isRestored = false;
        string reason;
        string said;
        Exception? cause = null;
        try
        {
            GitAnswer done;
            try
            {
                done = await _git.RunAsync(
                    _private.Call(index, "read-tree", "-m", "-u", from, to) with { IsAnswer = static _ => true, ChangesFiles = true }, CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                modes.Set();
            }

            // Git only warns of files that it cannot delete.
            said = done.StandardError;
            isRestored = done.ExitCode == 0 && !done.IsErrorCut && !said.Contains("error:", StringComparison.Ordinal)
                && !said.Replace("unable to access", string.Empty, StringComparison.Ordinal).Contains("warning: unable to ", StringComparison.Ordinal);
            if (isRestored)
            {
                using (await _private.HoldAsync(CancellationToken.None).ConfigureAwait(false))
                {
                    _private.TakeIndex(index);
                }

                return await NameAsync(id, to, before, record, CancellationToken.None).ConfigureAwait(false);
            }

            reason = Processes.StandardErrorTail.Quoted(said);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or AmpException)
        {
            reason = " " + exception.Message;
            said = (exception as AmpProcessException)?.StandardError ?? string.Empty;
            cause = exception;
        }

        throw new AmpProcessException(
            (isRestored ? "The checkpoint was restored, but the restore was not recorded." : "The checkpoint was not restored, or not completely.") + reason,
            AmpErrorId.CheckpointFailed,
            $"Restore the checkpoint '{id}' by force to get the state before this restore.",
            cause)
        {
            StandardError = said,
        };
    }

    private async Task<IReadOnlyList<TreeEntry>> DifferenceAsync(string before, string after, bool renames, bool counts, CancellationToken cancellationToken)
    {
        if (before == after)
        {
            return [];
        }

        string[] arguments = ["-r", "-z", "--raw", "--no-abbrev", renames ? "-M" : "--no-renames", .. counts ? (string[])["--numstat", "--no-ext-diff", "--no-textconv"] : [], before, after];
        return TreeEntry.Read(await _git.RunAsync(_private.Call(null, "diff-tree", arguments), cancellationToken).ConfigureAwait(false));
    }

    // For a property, which throws nothing.
    private string? Diff(string before, string after, TreeEntry entry)
    {
        GitCall call = _private.Call(
            null, "diff-tree", ["-r", "-p", "-M", "--no-color", "--no-ext-diff", "--no-textconv", before, after, "--", .. entry.PreviousPath is string previous ? (string[])[previous] : [], entry.Path]);
        Dictionary<string, string> variables = new(call.Variables) { ["GIT_LITERAL_PATHSPECS"] = "1" };
        try
        {
            GitAnswer answer = Task.Run(() => _git.RunAsync(call with { Variables = variables, MostBytes = LongestDiff }, CancellationToken.None)).GetAwaiter().GetResult();
            string text = Encoding.UTF8.GetString(answer.Output);
            return answer.IsCut ? $"{text}\n… (cut after {LongestDiff / 1024} KiB)" : text;
        }
        catch (AmpException)
        {
            return null;
        }
    }

    private string Relative(string path)
    {
        string full = Path.GetFullPath(path, Root);
        string relative = Path.GetRelativePath(Root, full);
        if (relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathFullyQualified(relative))
        {
            // The folder may have been reached by a link.
            string? parent = Path.GetDirectoryName(full);
            relative = Path.GetRelativePath(Root, parent is null ? full : Path.Combine(RealPath.Of(parent), Path.GetFileName(full)));
        }

        return relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal) || relative is ".." || Path.IsPathFullyQualified(relative)
            ? throw new AmpValidationException($"'{TerminalText.Name(path)}' is not in '{Root}'.", "Path", "Give files or folders in the folder of the checkpoint.", path)
            : relative.Replace(Path.DirectorySeparatorChar, '/');
    }

    // "100644 NAME\tPATH", or mode 0 to remove the entry.
    private static byte[] IndexInfo(IReadOnlyList<TreeEntry> entries)
    {
        using MemoryStream lines = new();
        foreach (TreeEntry entry in entries.OrderBy(entry => entry.Mode is not null))
        {
            lines.Write(Encoding.ASCII.GetBytes($"{entry.Mode ?? "0"} {entry.Content}\t"));
            lines.Write(entry.RawPath);
            lines.WriteByte(0);
        }

        return lines.ToArray();
    }
}
