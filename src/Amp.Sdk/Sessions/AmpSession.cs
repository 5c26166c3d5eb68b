using System.Runtime.CompilerServices;
using Amp.Execution;
using Amp.Messages;
using Amp.Options;
using Amp.Sessions;

namespace Amp;

/// <summary>
/// A conversation that goes on for as long as its owner likes, with one process of the CLI: each message is a turn, and the agent
/// remembers those before. A session takes one message at a time, from any thread; different sessions work beside each other.
/// </summary>
/// <remarks>
/// <para>The process starts with the first message. The CLIs of early 2026 do not end at the end of their input when they were never
/// given a message (0.0.1774310664), so one that only waits would outlive a caller that is killed.</para>
/// <para>No CLI of early 2026 can break off a turn and live on: a message that arrives breaks off the one before, but has to be
/// answered; SIGINT ends the CLI with a last result. So a turn is broken off with its process, and the next message continues
/// the thread in a new one. A turn that fails with an error result has ended its process too, and the session goes on likewise. Only
/// a CLI that dies without a result takes the session with it.</para>
/// </remarks>
public sealed partial class AmpSession : IAsyncDisposable
{
    // What comes between two turns is little: a line of standard error, a warning.
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
    private StepUsage _usage;
    private bool _isEnding;

    private AmpSession(AmpOptions options, string? name, SessionProcess prepared, RunPlan plan)
    {
        _options = options;
        _prepared = prepared;
        Plan = plan;
        Id = Interlocked.Increment(ref s_lastId);
        Name = string.IsNullOrWhiteSpace(name) ? $"Session{Id}" : name;
        ThreadId = options.ThreadId is string thread ? ThreadReference.Parse(thread, nameof(AmpOptions.ThreadId)) : null;
    }

    /// <summary>The session's number in this process.</summary>
    public int Id { get; }

    /// <summary>Its name, which need not be the only one of its kind.</summary>
    public string Name { get; }

    /// <summary>Its thread; null until the CLI has named it.</summary>
    public string? ThreadId { get; private set; }

    /// <summary>What it can do now.</summary>
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

    /// <summary>The ID of the CLI's process; null where none runs: before the first message, and after a turn that was broken off.</summary>
    public int? ProcessId => _process?.ProcessId;

    /// <summary>How many turns the agent has finished.</summary>
    public int TurnCount { get; private set; }

    /// <summary>The tokens of all turns so far.</summary>
    public TokenUsage Usage
    {
        get
        {
            lock (_lock)
            {
                return new TokenUsage(_usage);
            }
        }
    }

    /// <summary>The last result that the CLI gave: the final one, when the session has ended.</summary>
    public ResultMessage? Result { get; private set; }

    /// <summary>What its CLI died of; null where it did not.</summary>
    public Exception? Failure => _failure;

    /// <summary>The plan by which its first process starts.</summary>
    public RunPlan Plan { get; }

    /// <summary>Checks everything that can be checked and makes a session. Its process starts with the first message.</summary>
    /// <param name="options">
    /// What the session is given; null for nothing. The limits of time are those of each turn, those of tokens, turns, tool uses and cost
    /// are those of the whole session.
    /// </param>
    /// <param name="name">A name; null for one that is made of its number.</param>
    /// <param name="cancellationToken">Gives up asking the CLI.</param>
    /// <exception cref="AmpException">Something that was given cannot be used, or no CLI was found.</exception>
    public static async Task<AmpSession> OpenAsync(
        AmpOptions? options = null, string? name = null, CancellationToken cancellationToken = default)
    {
        options = RunBudgets.OfSession(options ?? new AmpOptions());
        SessionProcess process = new();
        return new AmpSession(options, name, process, await process.PlanAsync(options, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The plan by which a session would start its process, without asking or starting anything.</summary>
    /// <param name="options">What the session is given; null for nothing.</param>
    /// <exception cref="AmpException">Something that was given cannot be used, or no CLI was found.</exception>
    public static RunPlan Preview(AmpOptions? options = null) => SessionProcess.Preview(options ?? new AmpOptions());

    /// <summary>Says something to the agent and gives its messages to the end of the turn. Leaving the loop early breaks the turn off.</summary>
    /// <param name="text">What the user says.</param>
    /// <param name="cancellationToken">Breaks the turn off; the CLI's last result is still given.</param>
    /// <inheritdoc cref="SendAsync(UserInputMessage, CancellationToken)"/>
    public IAsyncEnumerable<StreamMessage> SendAsync(string text, CancellationToken cancellationToken = default) =>
        SendAsync(new UserInputMessage(text), cancellationToken);

    /// <summary>Says something to the agent and gives its messages to the end of the turn. Leaving the loop early breaks the turn off.</summary>
    /// <param name="message">What the user says.</param>
    /// <param name="cancellationToken">Breaks the turn off; the CLI's last result is still given.</param>
    /// <exception cref="AmpException">
    /// Before the first message: the session is busy, was ended, or its CLI has died. After the last: the turn was broken off, the CLI
    /// died, or a line could not be read. An error result is no exception here; it is the last message.
    /// </exception>
    public IAsyncEnumerable<StreamMessage> SendAsync(UserInputMessage message, CancellationToken cancellationToken = default) =>
        EventMessages.OfAsync(StreamAsync(message, cancellationToken), CancellationToken.None);

    /// <summary>The same, with everything that is reported beside messages.</summary>
    /// <inheritdoc cref="SendAsync(UserInputMessage, CancellationToken)"/>
    public async IAsyncEnumerable<AmpEvent> StreamAsync(
        UserInputMessage message, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }

        SessionTurn turn = Begin(message, isKept: false);
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

    /// <summary>Says something to the agent and does not wait. What it answers is kept for <see cref="ReceiveAsync"/>.</summary>
    /// <param name="message">What the user says.</param>
    /// <exception cref="AmpException">The session is busy, was ended, or its CLI has died.</exception>
    public void Post(UserInputMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Begin(message, isKept: true);
    }

    /// <summary>Gives what has come of the turns that nobody waited for, each message once.</summary>
    /// <param name="waitForEnd">Whether to wait for the rest of a turn that is not over yet. Leaving the loop does not break it off.</param>
    /// <param name="cancellationToken">Ends the waiting, and not the turn.</param>
    /// <exception cref="AmpException">Behind the messages of a turn: it was broken off, or the CLI died.</exception>
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
    /// Breaks off the turn that is under way, by ending the process; the next message continues the thread in a new one. Returns when
    /// the process has ended.
    /// </summary>
    /// <returns>False where no turn was under way.</returns>
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
    /// Ends the session: closes the CLI's input and waits for its final result. A turn that is under way is broken off.
    /// </summary>
    /// <param name="cancellationToken">Ends the CLI at once.</param>
    /// <returns>The CLI's last result; null where it gave none, as without any turn.</returns>
    /// <exception cref="AmpException">The CLI did not end well, or had died before.</exception>
    public async Task<ResultMessage?> EndAsync(CancellationToken cancellationToken = default)
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
            if (await Task.WhenAny(process.Ended, Task.Delay(_options.ExitGracePeriod, cancellationToken)).ConfigureAwait(false)
                != process.Ended && !cancellationToken.IsCancellationRequested)
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

    /// <summary>Ends the session at once, with everything that its CLI has started.</summary>
    public async ValueTask DisposeAsync()
    {
        SessionProcess? process = BeginEnd(out SessionTurn? turn);
        turn?.ReaderLeaves();
        process?.Stop();
        await (process?.Ended ?? Task.CompletedTask).ConfigureAwait(false);
        SessionExit.Forget(this);
    }

    /// <summary>Its name and number.</summary>
    public override string ToString() => Name == $"Session{Id}" ? Name : $"Session {Id} '{Name}'";
}

/// <summary>What a session can do now.</summary>
public enum AmpSessionState
{
    /// <summary>It waits for the next message.</summary>
    Ready,

    /// <summary>The agent works on a message; the next one has to wait.</summary>
    Running,

    /// <summary>It was ended by its owner and takes no more messages.</summary>
    Ended,

    /// <summary>Its CLI died; the next call tells how, and no message is taken any more.</summary>
    Failed,
}
