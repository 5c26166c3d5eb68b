using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Amp.Files;

namespace Amp.Checkpoints;

/// <summary>The checkpoints of one work tree. Nothing of the repository is changed except that it gets objects and refs of its own kind.</summary>
internal sealed partial class CheckpointStore
{
    /// <summary>The maximum size of new files outside a repository, which nobody else would ever remove.</summary>
    public const long DefaultSizeLimit = 1024L * 1024 * 1024;

    private const string RefPrefix = "refs/amp/checkpoints/";

    private readonly GitProgram _git;
    private readonly WorkTree _tree;
    private readonly PrivateRepository _private;

    private CheckpointStore(GitProgram git, WorkTree tree)
    {
        _git = git;
        _tree = tree;
        _private = PrivateRepository.Open(tree, git.Variables);
    }

    /// <summary>The folder whose state is kept.</summary>
    public string Root => _tree.Root;

    /// <summary>Identifies the work tree in its repository.</summary>
    public string Place => _tree.Place;

    /// <summary>The maximum size of new files outside a repository.</summary>
    public long SizeLimit { get; init; } = DefaultSizeLimit;

    /// <summary>Opens the checkpoints of a folder.</summary>
    /// <exception cref="AmpException">The folder has no files to keep, or git failed.</exception>
    public static async Task<CheckpointStore> OpenAsync(
        GitProgram git, string workingDirectory, CancellationToken cancellationToken, long sizeLimit = DefaultSizeLimit) =>
        new(git, await WorkTree.FindAsync(git, workingDirectory, cancellationToken).ConfigureAwait(false)) { SizeLimit = sizeLimit };

    /// <inheritdoc cref="PrivateRepository.Enter"/>
    public string Enter(out bool others) => _private.Enter(out others);

    /// <inheritdoc cref="PrivateRepository.HasOthers"/>
    public bool HasOthers(string own) => _private.HasOthers(own);

    /// <summary>Keeps the present state of the files, without a name.</summary>
    public async Task<KeptState> KeepAsync(CancellationToken cancellationToken)
    {
        string index = _private.CopyIndex();
        try
        {
            Action note = await AddTrackedAsync(index, cancellationToken).ConfigureAwait(false);
            if (!_tree.IsRepository)
            {
                await RefuseLargeAsync(index, cancellationToken).ConfigureAwait(false);
            }

            GitAnswer added = await _git.RunAsync(
                _private.Call(index, "add", "-A", "--ignore-errors", "--no-warn-embedded-repo", ".") with { IsAnswer = static code => code == 1 }, cancellationToken)
                .ConfigureAwait(false);
            IReadOnlyList<string>? unreadable = KeptState.UnreadableOf(added.StandardError);
            if (unreadable is null || (added.ExitCode != 0 && unreadable.Count == 0))
            {
                throw Unusable($"Git could not add its files.{Processes.StandardErrorTail.Quoted(added.StandardError)}", added.StandardError);
            }

            GitAnswer tree = await _git.RunAsync(_private.Call(index, "write-tree"), cancellationToken).ConfigureAwait(false);
            KeptIndex kept = File.Exists(index) ? KeptIndex.Read(BoundedFile.Read(index, int.MaxValue), _tree.ObjectFormat == "sha1" ? 20 : 32) : new KeptIndex(0, []);
            if (File.Exists(index))
            {
                _private.TakeIndex(index);
                note();
            }

            return new KeptState(tree.Text, kept.Files, [.. unreadable, .. kept.Repositories], unreadable);
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

    /// <summary>Gives a kept state a name, so that it stays.</summary>
    /// <returns>The name of the commit.</returns>
    public async Task<string> NameAsync(string id, string tree, string? parent, CheckpointRecord record, CancellationToken cancellationToken)
    {
        string now = string.Create(CultureInfo.InvariantCulture, $"@{record.Time.ToUnixTimeSeconds()} +0000");
        GitCall call = _private.Call(null, "commit-tree", parent is null ? [tree] : [tree, "-p", parent]);
        Dictionary<string, string> variables = new(call.Variables)
        {
            ["GIT_AUTHOR_NAME"] = "Amp checkpoint",
            ["GIT_AUTHOR_EMAIL"] = "checkpoint@localhost",
            ["GIT_AUTHOR_DATE"] = now,
            ["GIT_COMMITTER_NAME"] = "Amp checkpoint",
            ["GIT_COMMITTER_EMAIL"] = "checkpoint@localhost",
            ["GIT_COMMITTER_DATE"] = now,
        };
        byte[] message = Encoding.UTF8.GetBytes($"Amp checkpoint {id}\n\n{record.ToJson()}\n");
        GitAnswer commit = await _git.RunAsync(call with { Variables = variables, Input = message }, cancellationToken).ConfigureAwait(false);
        await _git.RunAsync(InRepository("update-ref", RefPrefix + id, commit.Text), cancellationToken).ConfigureAwait(false);
        return commit.Text;
    }

    /// <summary>Makes an ID that no other checkpoint has.</summary>
    public static string NewId(DateTimeOffset time) => string.Create(
        CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyyMMdd-HHmmss}-{Convert.ToHexString(RandomNumberGenerator.GetBytes(3)).ToLowerInvariant()}");

    /// <summary>Gets the checkpoints of the work tree, newest first.</summary>
    /// <param name="id">The ID of the only checkpoint to get; null for all.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    public async Task<IReadOnlyList<AmpCheckpoint>> ListAsync(string? id, CancellationToken cancellationToken)
    {
        GitAnswer answer = await _git.RunAsync(
            InRepository("for-each-ref", "--format=%(refname)%00%(objectname)%00%(parent)%00%(contents:body)%00", RefPrefix + id), cancellationToken).ConfigureAwait(false);
        List<AmpCheckpoint> found = [];
        using IEnumerator<byte[]> parts = answer.Parts().GetEnumerator();
        while (Next(parts) is string name && Next(parts) is string commit && Next(parts) is string parents && Next(parts) is string body)
        {
            string? parent = parents.Split(' ')[0] is { Length: > 0 } first ? first : null;
            name = name.Trim()[RefPrefix.Length..];
            if (IdPattern().IsMatch(name) && CheckpointRecord.Parse(body.Trim()) is CheckpointRecord record && record.Place == Place)
            {
                found.Add(new AmpCheckpoint(name, record, Root, parent ?? commit, parent is null ? null : commit));
            }
        }

        return [.. found.OrderByDescending(checkpoint => checkpoint.Time).ThenByDescending(checkpoint => checkpoint.Id, StringComparer.Ordinal)];

        static string? Next(IEnumerator<byte[]> parts) => parts.MoveNext() ? Encoding.UTF8.GetString(parts.Current) : null;
    }

    /// <summary>Gets a checkpoint.</summary>
    /// <exception cref="AmpCheckpointException">There is no checkpoint of this ID.</exception>
    public async Task<AmpCheckpoint> FindAsync(string id, CancellationToken cancellationToken)
    {
        IReadOnlyList<AmpCheckpoint> found = IdPattern().IsMatch(id) ? await ListAsync(id, cancellationToken).ConfigureAwait(false) : [];
        return found.Count > 0
            ? found[0]
            : throw new AmpCheckpointException(
                $"There is no checkpoint '{TerminalText.Strip(id)}' of '{Root}'.",
                AmpErrorId.CheckpointNotFound,
                "Run CheckpointClient.ListAsync in the folder of the run to list its checkpoints.")
            {
                CheckpointId = id,
            };
    }

    /// <summary>Removes a checkpoint. In a repository, its objects stay until git's own cleanup.</summary>
    public async Task RemoveAsync(AmpCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        await _git.RunAsync(InRepository("update-ref", "-d", RefPrefix + checkpoint.Id), cancellationToken).ConfigureAwait(false);
        if (!_tree.IsRepository)
        {
            // What another run has just kept has no name for a moment.
            await _git.RunAsync(_private.Call(null, "prune", "--expire=1.hour.ago"), cancellationToken).ConfigureAwait(false);
        }
    }

    private GitCall InRepository(string name, params string[] arguments) =>
        _tree.IsRepository ? WorkTree.Call(Root, name, arguments) : _private.Call(null, name, arguments);

    // Files that were added although they are ignored are tracked, but a new index does not know them.
    private async Task<Action> AddTrackedAsync(string index, CancellationToken cancellationToken)
    {
        if (!_private.IsUserIndexNew(out Action note))
        {
            return static () => { };
        }

        GitAnswer tracked = await _git.RunAsync(
            WorkTree.Call(Root, "ls-files", "-z", "--cached", "--ignored", "--exclude-standard"), cancellationToken).ConfigureAwait(false);
        if (tracked.Output.Length > 0)
        {
            await _git.RunAsync(
                _private.Call(index, "update-index", "--add", "--remove", "-z", "--stdin") with { Input = tracked.Output, IsAnswer = static code => code is 1 or 128 },
                cancellationToken).ConfigureAwait(false);
        }

        return note;
    }

    private async Task RefuseLargeAsync(string index, CancellationToken cancellationToken)
    {
        GitAnswer files = await _git.RunAsync(
            _private.Call(index, "ls-files", "-z", "--others", "--modified", "--exclude-standard"), cancellationToken).ConfigureAwait(false);
        long size = 0;
        foreach (string path in files.Parts().Select(Encoding.UTF8.GetString).Distinct(StringComparer.Ordinal))
        {
            FileInfo file = new(Path.Combine(Root, path));
            size += file is { Exists: true, LinkTarget: null } ? file.Length : 0;
        }

        if (size > SizeLimit)
        {
            throw new AmpValidationException(
                $"The new files in '{Root}' are {Size(size)} in total. The limit for a checkpoint of a folder that is in no repository is {Size(SizeLimit)}.",
                AmpOptionName.Checkpoint,
                "Run 'git init' in the folder, list what needs no checkpoint in a .gitignore file, or work in a smaller folder.",
                Root);
        }
    }

    private static string Size(long bytes) => bytes < 1024 * 1024
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):N0} MiB");

    private AmpProcessException Unusable(string reason, string said, Exception? cause = null) => new(
        $"The state of '{Root}' could not be kept: {reason}", AmpErrorId.CheckpointFailed, "Read what git wrote. Your files are unchanged.", cause)
    {
        StandardError = said,
    };

    [GeneratedRegex(@"\A[0-9]{8}-[0-9]{6}-[0-9a-f]{6}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();
}
