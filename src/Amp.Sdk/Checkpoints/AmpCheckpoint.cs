using Amp.Checkpoints;

namespace Amp;

/// <summary>
/// A kept state of a folder: its tracked and untracked files, without ignored ones. It is kept in the objects of the folder's repository under
/// the ref <c>refs/amp/checkpoints/ID</c>, or, outside a repository, in the user's state folder.
/// </summary>
public sealed class AmpCheckpoint
{
    internal AmpCheckpoint(string id, CheckpointRecord record, string root, string start, string? end)
    {
        Id = id;
        Time = record.Time;
        Cause = record.Cause;
        ThreadId = record.ThreadId;
        Prompt = record.Prompt;
        Folder = root;
        Files = record.Files;
        NotKept = Text.ReadableList<string>.Of(record.NotKept);
        Repositories = record.Repositories;
        Ignored = record.Ignored;
        Private = record.Private;
        Start = start;
        End = end;
    }

    /// <summary>The ID, which starts with the time in UTC.</summary>
    public string Id { get; }

    /// <summary>The time when the state was kept.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The reason why the state was kept.</summary>
    public CheckpointCause Cause { get; }

    /// <summary>The thread of the run; null if it is not known.</summary>
    public string? ThreadId { get; }

    /// <summary>The beginning of the run's prompt, without secrets; null if it is not known, as for sessions.</summary>
    public string? Prompt { get; }

    /// <summary>The folder: the root of the work tree, or the working folder of the run if it is in no repository.</summary>
    public string Folder { get; }

    /// <summary>The number of files and links that were kept.</summary>
    public int Files { get; }

    /// <summary>
    /// The files and folders that could not be read, and the nested repositories and submodules, relative to the folder. Their contents were
    /// not kept, and are not restored.
    /// </summary>
    public IReadOnlyList<string> NotKept { get; }

    /// <summary>
    /// Whether the state at the end of the run was also kept. It is not kept while the run is active, or if its process was killed. Without it, it is
    /// not known which files were edited after the run.
    /// </summary>
    public bool IsComplete => End is not null;

    /// <summary>The nested repositories and submodules in <see cref="NotKept"/>.</summary>
    internal IReadOnlyList<string> Repositories { get; }

    /// <summary>The files and folders that were ignored, relative to the folder.</summary>
    internal IReadOnlyList<string> Ignored { get; }

    /// <summary>What only its owner could use.</summary>
    internal IReadOnlyList<string> Private { get; }

    /// <summary>The name of the kept state.</summary>
    internal string Start { get; }

    /// <summary>The name of the state at the end of the run.</summary>
    internal string? End { get; }

    /// <summary>Returns the ID.</summary>
    public override string ToString() => Id;
}

/// <summary>The reasons why a checkpoint is created.</summary>
public enum CheckpointCause
{
    /// <summary>A run of the agent, or a process of a session, that was about to start.</summary>
    Run,

    /// <summary>A checkpoint that was about to be restored. Restore this one to undo it.</summary>
    Restore,

    /// <summary>A call of <see cref="CheckpointClient.CreateAsync"/>.</summary>
    Call,
}
