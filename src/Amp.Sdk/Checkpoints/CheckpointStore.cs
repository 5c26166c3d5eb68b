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

    /// <summary>Notes that a run works in the work tree, until the returned file is deleted.</summary>
    /// <param name="held">The lock of the file (<see cref="PrivateRepository.Enter"/>).</param>
    /// <param name="others">Whether another run works there too.</param>
    /// <exception cref="AmpException">The state folder cannot be written.</exception>
    public string Enter(out FileStream? held, out bool others)
    {
        held = null;
        try
        {
            string own = _private.Enter(out held);
            others = _private.HasOthers(own);
            return own;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw Unusable(exception.Message, string.Empty, exception);
        }
    }

    /// <inheritdoc cref="PrivateRepository.HasOthers"/>
    public bool HasOthers(string own) => _private.HasOthers(own);

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
        const string Format = "--format=%(refname)%00%(objectname)%00%(parent)%00%(contents:body)%00";
        GitAnswer answer = await _git.RunAsync(
            InRepository("for-each-ref", Format, RefPrefix + id) with { IsAnswer = static code => code == 128 }, cancellationToken).ConfigureAwait(false);
        if (answer.ExitCode != 0)
        {
            return await ListReadableAsync(Format, id, cancellationToken).ConfigureAwait(false);
        }

        return [.. Read(answer).OrderByDescending(checkpoint => checkpoint.Time).ThenByDescending(checkpoint => checkpoint.Id, StringComparer.Ordinal)];
    }

    // One checkpoint whose objects are damaged must not hide the others.
    private async Task<IReadOnlyList<AmpCheckpoint>> ListReadableAsync(string format, string? id, CancellationToken cancellationToken)
    {
        GitAnswer names = await _git.RunAsync(InRepository("for-each-ref", "--format=%(refname)", RefPrefix + id), cancellationToken).ConfigureAwait(false);
        List<AmpCheckpoint> found = [];
        foreach (string name in names.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            GitAnswer answer = await _git.RunAsync(
                InRepository("for-each-ref", format, name) with { IsAnswer = static code => code == 128 }, cancellationToken).ConfigureAwait(false);
            found.AddRange(answer.ExitCode == 0 ? Read(answer) : []);
        }

        return [.. found.OrderByDescending(checkpoint => checkpoint.Time).ThenByDescending(checkpoint => checkpoint.Id, StringComparer.Ordinal)];
    }

    private List<AmpCheckpoint> Read(GitAnswer answer)
    {
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

        return found;

        static string? Next(IEnumerator<byte[]> parts) => parts.MoveNext() ? Encoding.UTF8.GetString(parts.Current) : null;
    }

    /// <summary>Gets a checkpoint.</summary>
    /// <exception cref="AmpCheckpointException">There is no checkpoint of this ID.</exception>
    public async Task<AmpCheckpoint> FindAsync(string id, CancellationToken cancellationToken)
    {
        IReadOnlyList<AmpCheckpoint> found = IdPattern().IsMatch(id) ? await ListAsync(id, cancellationToken).ConfigureAwait(false) : [];
        if (found.Count > 0)
        {
            return found[0];
        }

        bool isEarlier = _tree.IsRepository && IdPattern().IsMatch(id) && PrivateRepository.HasRef(_tree.Folder, _git.Variables, RefPrefix + id);
        throw new AmpCheckpointException(
            isEarlier
                ? $"Checkpoint '{id}' was created before '{_tree.Folder}' was in a repository, so it is not in the repository of '{Root}'."
                : $"There is no checkpoint '{TerminalText.Strip(id)}' of '{Root}'.",
            AmpErrorId.CheckpointNotFound,
            isEarlier
                ? $"To restore it, move the .git folder of '{Root}' to another folder, restore the checkpoint, and move .git back."
                : "Run CheckpointClient.ListAsync in the folder of the run to list its checkpoints.")
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

    private AmpProcessException Unusable(string reason, string said, Exception? cause = null) => new(
        $"The state of '{Root}' could not be kept: {reason}", AmpErrorId.CheckpointFailed, "Read what git wrote. Your files are unchanged.", cause)
    {
        StandardError = said,
    };

    [GeneratedRegex(@"\A[0-9]{8}-[0-9]{6}-[0-9a-f]{6}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();
}
