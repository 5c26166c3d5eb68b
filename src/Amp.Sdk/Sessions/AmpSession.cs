using System.Runtime.CompilerServices;
using Amp.Cli;
using Amp.Execution;
using Amp.Messages;
using Amp.Options;
using Amp.Sessions;

namespace Amp;

/// <summary>
/// A conversation that stays open until its owner ends it, with one process of the CLI. Each message is a turn, and the agent remembers the
/// previous turns. A session accepts one message at a time, from any thread; different sessions run independently.
/// </summary>
/// <remarks>
/// <para>
/// The process starts with the first message. Without a message, the CLIs of early 2026 do not exit when their input closes
/// (0.0.1774310664), so a waiting process would outlive a caller that is killed.
/// </para>
/// <para>
/// No CLI of early 2026 can stop a turn and keep running: a new message interrupts the previous one, but requires an answer; SIGINT ends
/// the CLI with a last result. Therefore, stopping a turn stops its process, and the next message continues the thread in a new one. An
/// error result also ends the process, and the session continues in the same way. The session fails only if a CLI exits without a result.
/// </para>
/// </remarks>
public sealed partial class AmpSession : IAsyncDisposable
{
    // There are few events between two turns: a line of standard error, a warning.
    private const int MostBetweenTurns = 100;

    private static int s_lastId;

    private readonly object _lock = new();
    private readonly AmpOptions _options;
    private readonly Queue<AmpEvent> _betweenTurns = new();
    private readonly Queue<SessionTurn> _kept = new();
    private int _droppedBetweenTurns;
    private SessionProcess? _prepared;
    private SessionProcess? _process;
    private SessionTurn? _turn;
    private Exception? _failure;
    private Exception? _endFailure;
    private readonly StepCounter _steps = new();
    private bool _isEnding;
    private bool _isArchived;

    private AmpSession(AmpOptions options, string? name, SessionProcess prepared, RunPlan plan)
    {
        _options = options;
        _prepared = prepared;
        Plan = plan;
        Id = Interlocked.Increment(ref s_lastId);
        Name = string.IsNullOrWhiteSpace(name) ? $"Session{Id}" : name;
        ThreadId = options.ThreadId is string thread ? ThreadReference.Parse(thread, nameof(AmpOptions.ThreadId)) : null;
    }

    /// <summary>The number of the session in this process.</summary>
    public int Id { get; }

    /// <summary>The name, which does not have to be unique.</summary>
    public string Name { get; }

    /// <summary>The thread; null until the CLI has reported it.</summary>
    public string? ThreadId { get; private set; }

    /// <summary>The current state.</summary>
    public AmpSessionState State
    {
        get
        {
            lock (_lock)
            {
                return _failure is not null ? AmpSessionState.Failed
                    : _isEnding ? AmpSessionState.Ended
                    : _turn is not null ? AmpSessionState.Running
                    : AmpSessionState.Ready;
            }
        }
    }

    /// <summary>
    /// The ID of the CLI's process; null if none is running: before the first message, and after a turn that was stopped.
    /// </summary>
    public int? ProcessId => _process?.ProcessId;

    /// <summary>The number of completed turns.</summary>
    public int TurnCount { get; private set; }

    /// <summary>The tokens of all turns so far.</summary>
    public TokenUsage Usage
    {
        get
        {
            lock (_lock)
            {
                return new TokenUsage(_steps.Usage);
            }
        }
    }

    /// <summary>The last result of the CLI; the final one, if the session has ended.</summary>
    public ResultMessage? Result { get; private set; }

    /// <summary>The failure of the CLI; null if it has not failed.</summary>
    public Exception? Failure => _failure;

    /// <summary>The plan for the first process.</summary>
    public RunPlan Plan { get; }

    /// <summary>Checks all options and creates a session. Its process starts with the first message.</summary>
    /// <param name="options">The options of the session; null for the defaults. Time limits apply to each turn; limits of tokens, turns,
    /// tool uses and cost apply to the whole session.</param>
    /// <param name="name">The name; null for a name that contains its number.</param>
    /// <param name="cancellationToken">Cancels the query of the CLI's features.</param>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    public static async Task<AmpSession> OpenAsync(
        AmpOptions? options = null, string? name = null, CancellationToken cancellationToken = default) =>
        await OpenAsync(Draft(options), name, cancellationToken).ConfigureAwait(false);

    /// <summary>Opens a session that has been checked. What was read for that is used.</summary>
    /// <exception cref="AmpException">The CLI cannot be asked, or lacks a requested feature.</exception>
    internal static async Task<AmpSession> OpenAsync(SessionDraft draft, string? name, CancellationToken cancellationToken)
    {
        RunPlan plan = await AmpClient.PlanAsync(draft.Preview, cancellationToken).ConfigureAwait(false);
        return draft.Options.Archive && plan.Cli is AmpCli cli && !cli.Capabilities.HasCommand(ThreadClient.ArchiveCommand)
            ? throw CliChoice.Unsupported(cli, $"has no command '{ThreadClient.ArchiveCommand}'", nameof(AmpOptions.Archive), "Omit it, and archive the thread on its page.")
            : new AmpSession(draft.Options, name, draft.Process, plan);
    }

    /// <summary>Checks all options that require no CLI.</summary>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    internal static SessionDraft Draft(AmpOptions? options)
    {
        options = RunBudgets.OfSession(options ?? new AmpOptions());
        SessionProcess process = new();
        return new SessionDraft(options, process, process.Preview(options));
    }

    /// <summary>Gets the plan for the process of a session, without asking or starting a CLI.</summary>
    /// <param name="options">The options of the session; null for the defaults.</param>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    public static RunPlan Preview(AmpOptions? options = null)
    {
        using SessionDraft draft = Draft(options);
        return draft.Preview;
    }

    /// <summary>
    /// Sends a message to the agent and returns its messages until the turn ends. If you leave the loop early, the turn is stopped.
    /// </summary>
    /// <param name="text">The text of the message.</param>
    /// <param name="cancellationToken">Stops the turn. The CLI's last result is still returned.</param>
    /// <inheritdoc cref="SendAsync(UserInputMessage, CancellationToken)"/>
    public IAsyncEnumerable<StreamMessage> SendAsync(string text, CancellationToken cancellationToken = default) =>
        SendAsync(new UserInputMessage(text), cancellationToken);

    /// <summary>
    /// Sends a message to the agent and returns its messages until the turn ends. If you leave the loop early, the turn is stopped.
    /// </summary>
    /// <param name="message">The text of the message.</param>
    /// <param name="cancellationToken">Stops the turn. The CLI's last result is still returned.</param>
    /// <exception cref="AmpException">Before the first message: the session is busy, has ended, or its CLI has failed. After the last
    /// message: the turn was stopped, the CLI failed, or a line could not be read. An error result is the last message, not an
    /// exception.</exception>
    public IAsyncEnumerable<StreamMessage> SendAsync(UserInputMessage message, CancellationToken cancellationToken = default) =>
        EventMessages.OfAsync(StreamAsync(message, cancellationToken), CancellationToken.None);

    /// <summary>Sends a message, and returns all events in addition to messages.</summary>
    /// <inheritdoc cref="SendAsync(UserInputMessage, CancellationToken)"/>
    public IAsyncEnumerable<AmpEvent> StreamAsync(UserInputMessage message, CancellationToken cancellationToken = default) =>
        StreamAsync(message, isInBackground: false, cancellationToken);

    /// <summary>Sends a message, and returns all events in addition to messages. In the background, it waits for its turn as runs of a fleet do.</summary>
    internal IAsyncEnumerable<AmpEvent> StreamAsync(UserInputMessage message, bool isInBackground, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return RunTelemetry.Observe(() => TurnAsync(message, isInBackground, cancellationToken), Plan, message.Text, isTurn: true);
    }

    private async IAsyncEnumerable<AmpEvent> TurnAsync(
        UserInputMessage message, bool isInBackground, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }

        SessionTurn turn = Begin(message, isKept: false, isInBackground, cancellationToken);
        using CancellationTokenRegistration cancel = cancellationToken.UnsafeRegister(_ => BreakOff(turn, TurnStop.Stopped), null);
        try
        {
            await foreach (AmpEvent item in turn.ReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return item;
            }
        }
        finally
        {
            turn.ReaderLeaves();
            await BreakOff(turn, TurnStop.Abandoned).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a message without waiting. The answer is kept for <see cref="ReceiveAsync"/>.</summary>
    /// <param name="message">The text of the message.</param>
    /// <exception cref="AmpException">The session is busy, has ended, or its CLI has failed.</exception>
    public void Post(UserInputMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Begin(message, isKept: true);
    }

    /// <summary>Returns the messages of turns without a reader, each message once.</summary>
    /// <param name="waitForEnd">Whether to wait for the rest of an active turn. If you leave the loop, the turn is not stopped.</param>
    /// <param name="cancellationToken">Cancels the wait, but not the turn.</param>
    /// <exception cref="AmpException">After the messages of a turn: it was stopped, or the CLI failed.</exception>
    public async IAsyncEnumerable<AmpEvent> ReceiveAsync(
        bool waitForEnd, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        bool isFirst = true;
        while (NextKept(isFirst) is SessionTurn turn)
        {
            isFirst = false;
            while (true)
            {
                while (turn.TryRead(out AmpEvent item))
                {
                    yield return item;
                }

                if (turn.IsRead || !waitForEnd)
                {
                    break;
                }

                await turn.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
            }

            if (!turn.IsRead)
            {
                yield break;
            }

            Forget(turn);
            turn.ThrowFailure();
        }
    }

    /// <summary>
    /// Stops the active turn by stopping its process. The next message continues the thread in a new one. Returns when the process has
    /// exited.
    /// </summary>
    /// <returns>False if there was no active turn.</returns>
    public async Task<bool> StopTurnAsync()
    {
        SessionTurn? turn;
        lock (_lock)
        {
            turn = _turn;
        }

        if (turn is null)
        {
            return false;
        }

        await BreakOff(turn, TurnStop.Stopped).ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// Ends the session: closes the CLI's input and waits for its final result. An active turn is stopped. The thread is archived if
    /// <see cref="AmpOptions.Archive"/> is set.
    /// </summary>
    /// <param name="cancellationToken">Stops the CLI at once.</param>
    /// <returns>The CLI's last result; null if there is none, for example without a turn.</returns>
    /// <exception cref="AmpException">The CLI ended with a failure, or had failed before, or the thread could not be archived.</exception>
    public async Task<ResultMessage?> EndAsync(CancellationToken cancellationToken = default)
    {
        ResultMessage? result = await EndProcessAsync(cancellationToken).ConfigureAwait(false);
        await ArchiveAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Ends the session as <see cref="EndAsync"/> does, but does not archive the thread.</summary>
    internal async Task<ResultMessage?> EndProcessAsync(CancellationToken cancellationToken)
    {
        SessionProcess? process = BeginEnd(out SessionTurn? turn);
        if (process is not null)
        {
            if (turn is not null)
            {
                process.Stop();
            }

            process.EndInput();
            using CancellationTokenRegistration cancel = cancellationToken.UnsafeRegister(_ => process.Stop(), null);
            if (await Task.WhenAny(process.Exited, Task.Delay(_options.ExitGracePeriod, cancellationToken)).ConfigureAwait(false)
                != process.Exited && !cancellationToken.IsCancellationRequested)
            {
                process.Stop();
                await process.Ended.ConfigureAwait(false);
                throw SessionFailure.StaysAfterInput(this, _options.ExitGracePeriod);
            }

            await process.Ended.ConfigureAwait(false);
        }

        SessionExit.Forget(this);
        return (_failure ?? _endFailure) is Exception failure ? throw SessionFailure.Died(this, failure) : Result;
    }

    /// <summary>
    /// Archives the thread of a session that has ended, if that is asked for. The CLI cannot do it: it does not know which process of the session is the last one.
    /// </summary>
    internal async Task ArchiveAsync(CancellationToken cancellationToken)
    {
        bool hasWorked = TurnCount > 0 || Result is not null;
        if (_options is not { Archive: true, Transport: not { IsReplay: true } } || _isArchived || !hasWorked || ThreadId is not string thread)
        {
            return;
        }

        // The time limit of a turn is not that of a command.
        ThreadClient threads = new(_options with { Timeout = new CliOptions().Timeout });
        await threads.ChangeAsync(thread, new ThreadChange { IsArchived = true }, cancellationToken).ConfigureAwait(false);
        _isArchived = true;
    }

    /// <summary>Ends the session at once, with everything that its CLI started. The thread is not archived.</summary>
    public async ValueTask DisposeAsync()
    {
        SessionProcess? process = BeginEnd(out SessionTurn? turn);
        turn?.ReaderLeaves();
        process?.Stop();
        await (process?.Ended ?? Task.CompletedTask).ConfigureAwait(false);
        SessionExit.Forget(this);
    }

    /// <summary>Returns the name and number.</summary>
    public override string ToString() => Name == $"Session{Id}" ? Name : $"Session {Id} '{Name}'";
}

/// <summary>The state of a session.</summary>
public enum AmpSessionState
{
    /// <summary>The session waits for the next message.</summary>
    Ready,

    /// <summary>The agent is working on a message.</summary>
    Running,

    /// <summary>The owner ended the session. It accepts no more messages.</summary>
    Ended,

    /// <summary>The CLI failed. The next call reports the failure, and no more messages are accepted.</summary>
    Failed,
}
