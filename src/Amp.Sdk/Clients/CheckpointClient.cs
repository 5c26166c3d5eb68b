using Amp.Checkpoints;
using Amp.Cli;
using Amp.Options;
using Amp.Text;

namespace Amp;

/// <summary>
/// Lists, compares, restores and removes checkpoints: states of a folder that were kept before runs (<see cref="AmpOptions.Checkpoint"/>). Of
/// the options, the working directory, the variables and the time limit are used; the limit applies to each command of Git. A folder of another
/// machine is refused. The user's index, branches, stash, reflogs and configuration are never changed, and no hooks are run.
/// </summary>
public sealed class CheckpointClient
{
    private readonly CliOptions? _options;

    /// <summary>Creates a client for the checkpoints of a folder. Nothing is started.</summary>
    /// <param name="options">The folder; null for the current directory.</param>
    public CheckpointClient(CliOptions? options = null) => _options = options;

    /// <summary>Keeps the current state of the folder.</summary>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="AmpException">Git is missing, the folder has no files to keep, or the state cannot be kept.</exception>
    public async Task<AmpCheckpoint> CreateAsync(CancellationToken cancellationToken = default)
    {
        CheckpointStore store = await OpenAsync(cancellationToken).ConfigureAwait(false);
        KeptState now = await store.KeepAsync(CheckpointCause.Call, cancellationToken).ConfigureAwait(false);
        CheckpointRecord record = new(CheckpointCause.Call, DateTimeOffset.Now)
        {
            Place = store.Place,
            Files = now.Files,
            NotKept = now.NotKept,
            Repositories = now.Repositories,
            Ignored = now.Ignored,
            Private = now.Private,
        };
        string id = CheckpointStore.NewId(record.Time);
        string start = await store.NameAsync(id, now.Tree, null, record, cancellationToken).ConfigureAwait(false);
        return new AmpCheckpoint(id, record, store.Root, start, end: null);
    }

    /// <summary>Gets the checkpoints of the folder's work tree, newest first.</summary>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="AmpException">Git is missing, or the folder cannot be read.</exception>
    public async Task<IReadOnlyList<AmpCheckpoint>> ListAsync(CancellationToken cancellationToken = default)
    {
        CheckpointStore store = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await store.ListAsync(null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets a checkpoint.</summary>
    /// <param name="id">The ID of the checkpoint.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="AmpCheckpointException">There is no checkpoint of this ID.</exception>
    /// <exception cref="AmpException">Git is missing, or the folder cannot be read.</exception>
    public async Task<AmpCheckpoint> GetAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        CheckpointStore store = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await store.FindAsync(id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Compares the state of a checkpoint with the current state of the folder, or with the state of another checkpoint. Files that one of the states does
    /// not contain, because they could not be read, are not compared.
    /// </summary>
    /// <param name="id">The ID of the checkpoint.</param>
    /// <param name="otherId">The ID of the other checkpoint; null for the current state.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <returns>The differences in the other state.</returns>
    /// <exception cref="AmpCheckpointException">There is no checkpoint of this ID.</exception>
    /// <exception cref="AmpException">Git is missing, or the folder cannot be read.</exception>
    public async Task<IReadOnlyList<FileDifference>> CompareAsync(
        string id, string? otherId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (otherId is null)
        {
            return (await CompareToPresentAsync(id, cancellationToken).ConfigureAwait(false)).Differences;
        }

        CheckpointStore store = await OpenAsync(cancellationToken).ConfigureAwait(false);
        AmpCheckpoint checkpoint = await store.FindAsync(id, cancellationToken).ConfigureAwait(false);
        AmpCheckpoint other = await store.FindAsync(otherId, cancellationToken).ConfigureAwait(false);
        string[] skipped = [.. Known(checkpoint, other.Repositories), .. other.NotKept.Except(other.Repositories), .. other.Ignored];
        return await store.CompareAsync(checkpoint.Start, other.Start, skipped, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Determines what <see cref="RestoreAsync"/> would do, without changing a file.</summary>
    /// <param name="id">The ID of the checkpoint.</param>
    /// <param name="paths">Files, and folders with everything in them; null for all. Relative paths are resolved against the folder of the
    /// checkpoint. You can also name a file that no longer exists.</param>
    /// <param name="force">Whether files that were edited after the run are restored too. Files that cannot be read now are left as they are.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <returns>The differences from the current state to that of the checkpoint, one for each file: an added file is written again, a
    /// deleted file is deleted.</returns>
    /// <exception cref="AmpCheckpointException">There is no checkpoint of this ID, or files were edited after its run or cannot be read now.</exception>
    /// <exception cref="AmpException">Git is missing, a path is outside the folder, or the folder cannot be read.</exception>
    public async Task<IReadOnlyList<FileDifference>> PreviewRestoreAsync(
        string id, IReadOnlyList<string>? paths = null, bool force = false, CancellationToken cancellationToken = default)
    {
        (CheckpointStore store, AmpCheckpoint checkpoint, KeptState now, IReadOnlyList<TreeEntry> entries) =
            await PlanRestoreAsync(id, paths, force, only: null, isLook: true, cancellationToken).ConfigureAwait(false);
        return ReadableList<FileDifference>.Over([.. entries.Select(entry => store.Show(now.Tree, checkpoint.Start, entry))]);
    }

    /// <summary>
    /// Restores the files of a checkpoint byte by byte: changed and deleted files are written, files that did not exist are deleted, and
    /// ignored files are left as they are. First, the current state is kept as a checkpoint, so that the restore can be undone.
    /// </summary>
    /// <param name="id">The ID of the checkpoint.</param>
    /// <param name="paths">Files, and folders with everything in them; null for all.</param>
    /// <param name="force">Whether files that were edited after the run are restored too. Files that cannot be read now are left as they are.</param>
    /// <param name="cancellationToken">Cancels the command before the first file is changed.</param>
    /// <returns>The checkpoint of the state before the restore; null if nothing had to be restored.</returns>
    /// <exception cref="AmpCheckpointException">There is no checkpoint of this ID, or files were edited after its run or cannot be read now.
    /// Nothing was restored.</exception>
    /// <exception cref="AmpException">Git is missing, a path is outside the folder, or a file cannot be changed.</exception>
    public Task<AmpCheckpoint?> RestoreAsync(
        string id, IReadOnlyList<string>? paths = null, bool force = false, CancellationToken cancellationToken = default) =>
        RestoreOnlyAsync(id, paths, force, only: null, cancellationToken);

    /// <summary>
    /// Removes a checkpoint. In a repository, the space is free when Git cleans up its objects (<c>git gc</c>); outside one, at once.
    /// </summary>
    /// <param name="id">The ID of the checkpoint.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="AmpCheckpointException">There is no checkpoint of this ID.</exception>
    /// <exception cref="AmpException">Git is missing, or the checkpoint cannot be removed.</exception>
    public async Task RemoveAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        CheckpointStore store = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await store.RemoveAsync(await store.FindAsync(id, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Restores files of <see cref="PreviewRestoreAsync"/>, and no others: none of their paths is that of a folder with everything in it.</summary>
    internal async Task<AmpCheckpoint?> RestoreOnlyAsync(
        string id, IReadOnlyList<string>? paths, bool force, IReadOnlySet<string>? only, CancellationToken cancellationToken)
    {
        (CheckpointStore store, AmpCheckpoint checkpoint, KeptState now, IReadOnlyList<TreeEntry> entries) =
            await PlanRestoreAsync(id, paths, force, only, isLook: false, cancellationToken).ConfigureAwait(false);
        return entries.Count == 0 ? null : await store.RestoreAsync(checkpoint, entries, now, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Compares the state of a checkpoint with the current state of the folder.</summary>
    /// <returns>The differences, and the full paths of what cannot be read now and of new nested repositories, whose contents are not compared.</returns>
    internal async Task<(IReadOnlyList<FileDifference> Differences, IReadOnlyList<string> Unreadable)> CompareToPresentAsync(string id, CancellationToken cancellationToken)
    {
        CheckpointStore store = await OpenAsync(cancellationToken).ConfigureAwait(false);
        AmpCheckpoint checkpoint = await store.FindAsync(id, cancellationToken).ConfigureAwait(false);
        KeptState now = await store.KeepAsync(CheckpointCause.Restore, cancellationToken, isLook: true).ConfigureAwait(false);
        string[] known = Known(checkpoint, now.Repositories);
        IReadOnlyList<FileDifference> differences = await store.CompareAsync(checkpoint.Start, now, known, cancellationToken).ConfigureAwait(false);
        IEnumerable<string> unreadable = now.ReportedExcept(known).Concat(now.RepositoriesExcept(known));
        return (differences, [.. unreadable.Select(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, store.Root)))]);
    }

    private static string[] Known(AmpCheckpoint checkpoint, IReadOnlyList<string> repositories) =>
        KeptState.Known(checkpoint.NotKept, checkpoint.Ignored, KeptState.Except(checkpoint.Repositories, repositories));

    private async Task<(CheckpointStore Store, AmpCheckpoint Checkpoint, KeptState Now, IReadOnlyList<TreeEntry> Entries)> PlanRestoreAsync(
        string id, IReadOnlyList<string>? paths, bool force, IReadOnlySet<string>? only, bool isLook, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        CheckpointStore store = await OpenAsync(cancellationToken).ConfigureAwait(false);
        AmpCheckpoint checkpoint = await store.FindAsync(id, cancellationToken).ConfigureAwait(false);
        KeptState now = await store.KeepAsync(CheckpointCause.Restore, cancellationToken, isLook).ConfigureAwait(false);
        IReadOnlyList<TreeEntry> entries = await store.PlanAsync(checkpoint, now, paths, force, only, cancellationToken).ConfigureAwait(false);
        return (store, checkpoint, now, entries);
    }

    private Task<CheckpointStore> OpenAsync(CancellationToken cancellationToken)
    {
        CliOptions options = _options ?? new CliOptions();
        OptionChecks.Check(options);
        if (OtherMachine.IsAskedFor(options))
        {
            // The folder of that name on this machine is another one.
            throw new AmpValidationException(
                $"Checkpoints are kept on this machine only, not on '{TerminalText.Strip(options.Transport!.HostName ?? string.Empty)}'.",
                nameof(CliOptions.Transport),
                "Omit CliOptions.Transport, and give a folder of this machine.",
                errorId: AmpErrorId.UnsupportedByHost);
        }

        string workingDirectory = OptionChecks.WorkingDirectory(options);
        TimeSpan limit = options.Timeout is { Ticks: > 0 } timeout ? timeout : Timeout.InfiniteTimeSpan;
        GitProgram git = GitLocator.Find(RunEnvironment.Build(options.Environment), workingDirectory, limit);
        return CheckpointStore.OpenAsync(git, workingDirectory, cancellationToken);
    }
}
