using System.Diagnostics;
using Amp.Checkpoints;
using Amp.Cli;
using Amp.Text;

namespace Amp.Execution;

/// <summary>
/// The checkpoint of a run: the state of the folder before the first try, and after each try. The result of a try is held back until the state
/// at its end is known, because it contains the difference. Without the option, it does nothing.
/// </summary>
internal sealed class RunCheckpoint : IAsyncDisposable
{
    // Reading a huge folder for the first time takes minutes. A command that takes longer waits for something.
    private static readonly TimeSpan s_commandLimit = TimeSpan.FromMinutes(10);

    // A run that was not stopped has at least this time, although its time limit is near.
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(30);

    private const int LongestSearched = 64 * 1024;

    private readonly RunPlan _plan;
    private readonly List<AmpEvent> _held = [];
    private CheckpointStore? _store;
    private CheckpointRecord? _record;
    private KeptState? _before;
    private string _start = string.Empty;
    private string? _active;
    private FileStream? _lock;
    private bool _isOpen;
    private bool _isMixed;
    private bool _isEndKept;
    private string? _threadId;
    private long _begun;

    public RunCheckpoint(RunPlan plan) => _plan = plan;

    /// <summary>The time that the end of a stopped run has. The caller who stopped it waits for it.</summary>
    public TimeSpan Hurry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The warnings about what was not kept, for the first try.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>What the result reports.</summary>
    public RunChanges? Changes { get; private set; }

    /// <summary>The events to pass on when the run has ended: its result, and what came after it.</summary>
    public IReadOnlyList<AmpEvent> Held => _held;

    /// <summary>Keeps the state of the folder, unless a previous try has done so.</summary>
    /// <exception cref="AmpException">Git is missing, or the state cannot be kept.</exception>
    public async Task<RunCheckpoint> BeginAsync(CancellationToken cancellationToken)
    {
        if (!_plan.Options.Checkpoint)
        {
            return this;
        }

        _held.Clear();
        _isEndKept = false;
        Warnings = [];
        _store ??= await CheckpointStore.OpenAsync(
            GitLocator.Find(_plan.Environment, _plan.WorkingDirectory, s_commandLimit), _plan.WorkingDirectory, cancellationToken).ConfigureAwait(false);
        _active = _store.Enter(out _lock, out bool others);
        _isOpen = true;
        if (_record is null)
        {
            try
            {
                await KeepAsync(_store, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                Leave();
                throw;
            }

            Warnings = [.. Mixed(others), .. _before!.Warnings(_store.Root)];
        }

        _begun = Stopwatch.GetTimestamp();
        return this;
    }

    /// <summary>Returns whether an event is passed on later.</summary>
    public bool Holds(in AmpEvent item)
    {
        _threadId ??= item.Message?.SessionId;
        if (!_isOpen || (_held.Count == 0 && item.Message is not ResultMessage))
        {
            return false;
        }

        _held.Add(item);
        return true;
    }

    /// <summary>Keeps the state at the end of the run, after which <see cref="Held"/> is complete. A failure is a warning.</summary>
    /// <param name="threadId">The thread of the run.</param>
    /// <param name="isStopped">Whether the caller waits for the run to end at once.</param>
    /// <param name="cancellationToken">The token of the run.</param>
    /// <returns>The warnings about it, which are also in <see cref="Held"/>. Nobody has recorded them yet.</returns>
    public async Task<IReadOnlyList<AmpEvent>> EndAsync(string? threadId, bool isStopped, CancellationToken cancellationToken)
    {
        if (!_isOpen)
        {
            return [];
        }

        List<string> warnings = [];
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(isStopped ? CancellationToken.None : cancellationToken);
        limit.CancelAfter(isStopped ? Hurry : Left());
        try
        {
            (IReadOnlyList<string> unreadable, IReadOnlyList<string> repositories, IReadOnlyList<string> lost) =
                await CompareAsync(_store!, threadId ?? _threadId ?? _record!.ThreadId, limit.Token).ConfigureAwait(false);
            if (unreadable.Count > 0)
            {
                warnings.Add(
                    $"These files in '{_store!.Root}' could not be read or added by Git at the end of the run, so it is not known whether they were changed: {KeptState.Shown(unreadable)}.");
            }

            if (repositories.Count > 0)
            {
                warnings.Add(
                    $"These nested repositories in '{_store!.Root}' are new. Their contents are not in the changes of the run: {KeptState.Shown(repositories)}.");
            }

            if (lost.Count > 0)
            {
                warnings.Add(
                    $"These folders in '{_store!.Root}' were nested repositories at the start of the run, but are not anymore. What was in them is not known, so all files in them are new in the changes of the run: {KeptState.Shown(lost)}.");
            }

            warnings.AddRange(Mixed(_store!.HasOthers(_active!)));
        }
        catch (Exception exception) when (exception is AmpException or AmpCanceledException or IOException or UnauthorizedAccessException)
        {
            string reason = exception is not AmpCanceledException ? _plan.Redact(exception.Message.TrimEnd('.'))
                : isStopped || cancellationToken.IsCancellationRequested ? "the run was stopped" : "Git did not exit in time";
            warnings.Add(_isEndKept
                ? $"The state of '{_store!.Root}' at the end of the run was kept, but its changes were not determined: {reason}. Compare the checkpoint '{Changes!.CheckpointId}' instead."
                : $"The state of '{_store!.Root}' at the end of the run was not kept, so its changes are not known: {reason}.");
        }
        finally
        {
            Leave();
        }

        AmpEvent[] events = [.. warnings.Select(text => AmpEvent.FromText(AmpEventKind.Warning, text))];
        _held.InsertRange(0, events);
        return events;
    }

    /// <summary>Keeps the state at the end of a run whose consumer has left.</summary>
    public async ValueTask DisposeAsync() => await EndAsync(null, isStopped: true, CancellationToken.None).ConfigureAwait(false);

    private TimeSpan Left()
    {
        TimeSpan left = _plan.Options.Timeout is { Ticks: > 0 } total ? total - Stopwatch.GetElapsedTime(_begun) : s_commandLimit;
        return left > s_least ? left : s_least;
    }

    private async Task KeepAsync(CheckpointStore store, CancellationToken cancellationToken)
    {
        _before = await store.KeepAsync(CheckpointCause.Run, cancellationToken).ConfigureAwait(false);
        string? prompt = _plan.Prompt is string text ? TerminalText.Strip(TruncatedText.Start(text, LongestSearched)) : null;
        CheckpointRecord record = new(CheckpointCause.Run, DateTimeOffset.Now)
        {
            Place = store.Place,
            ThreadId = _plan.Options.ThreadId,
            Prompt = CheckpointRecord.Beginning(prompt is null ? null : _plan.Redact(prompt)),
            Files = _before.Files,
            NotKept = _before.NotKept,
            Repositories = _before.Repositories,
            Ignored = _before.Ignored,
            Private = _before.Private,
        };
        string id = CheckpointStore.NewId(record.Time);
        _start = await store.NameAsync(id, _before.Tree, null, record, cancellationToken).ConfigureAwait(false);
        _record = record;
        Changes = new RunChanges { CheckpointId = id };
    }

    // Returns what cannot be read anymore, the nested repositories that were not there before, and those that are not there anymore.
    private async Task<(IReadOnlyList<string> Unreadable, IReadOnlyList<string> Repositories, IReadOnlyList<string> Lost)> CompareAsync(
        CheckpointStore store, string? threadId, CancellationToken cancellationToken)
    {
        KeptState after = await store.KeepAsync(null, cancellationToken).ConfigureAwait(false);
        await store.NameAsync(Changes!.CheckpointId!, after.Tree, _start, _record! with { ThreadId = threadId }, cancellationToken).ConfigureAwait(false);
        _isEndKept = true;
        string[] lost = KeptState.Except(_before!.Repositories, after.Repositories);
        string[] known = KeptState.Known(_before.NotKept, _before.Ignored, lost);
        Changes.Changes = after.Tree == _before.Tree
            ? Text.ReadableList<FileDifference>.None
            : await store.CompareAsync(_start, after, known, cancellationToken).ConfigureAwait(false);
        return (after.ReportedExcept(known), after.RepositoriesExcept(known), lost);
    }

    private IEnumerable<string> Mixed(bool others)
    {
        if (!others || _isMixed)
        {
            return [];
        }

        _isMixed = true;
        return [$"Another run with a checkpoint is working in '{_store!.Root}' at the same time. The changes of each run include those of the other."];
    }

    private void Leave()
    {
        _isOpen = false;
        try
        {
            File.Delete(_active!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Deleted by the next run, when this process has exited.
        }
        finally
        {
            _lock?.Dispose();
        }
    }
}
