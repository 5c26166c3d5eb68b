using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Amp.Processes;

namespace Amp.Services;

/// <summary>
/// The server side of the channel for approval requests of a run's delegate program. It listens on the loopback interface: in many
/// temporary folders, the path of a Unix socket would be too long, and shells can connect to TCP without another program. Each question is
/// answered on its own connection, so no other process can answer for the session.
/// </summary>
internal sealed class ApprovalChannel : IAsyncDisposable
{
    /// <summary>The text that the model gets for a rejected call: the CLI's own words, by which such a call is recognized.</summary>
    public const string RejectedWords = "Tool execution rejected by user: ";

    // More than the calls that a CLI asks about at once, and few enough for the limit on open files.
    private const int MostStrangers = 256;

    // The program sends everything at once.
    private static readonly TimeSpan s_questionLimit = TimeSpan.FromSeconds(30);

    // A process without free file handles may have some in a moment, and new connections wait until then.
    private static readonly TimeSpan s_pauseAfterFault = TimeSpan.FromMilliseconds(100);

    // Dropped connections are closed in a moment.
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(20);

    // On a busy machine, a program of the CLI pauses between connecting and sending.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closed = new();
    private readonly SemaphoreSlim _places = new(MostStrangers);
    private readonly ConcurrentDictionary<Task, bool> _conversations = new();

    // Connections that have not sent the token, oldest first.
    private readonly LinkedList<Stranger> _strangers = new();
    private readonly ApprovalCallback _callback;
    private readonly string _workingDirectory;
    private readonly Func<string, string> _nameOf;
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isDisposed;

    public ApprovalChannel(ApprovalCallback callback, string workingDirectory, Func<string, string> nameOf)
    {
        _callback = callback;
        _workingDirectory = workingDirectory;
        _nameOf = nameOf;
    }

    /// <summary>The secrets of this channel.</summary>
    public ApprovalKeys Keys { get; } = ApprovalKeys.Create();

    /// <summary>The port, once the channel is open.</summary>
    public int Port => ((IPEndPoint)_listener!.LocalEndpoint).Port;

    /// <summary>Completes when a program has connected for a trial.</summary>
    public Task Reached => _reached.Task;

    /// <summary>The time of active requests, during which the CLI waits.</summary>
    public RunWork Work { get; } = new();

    /// <summary>The machine of the CLI, as the caller named it; null for this machine.</summary>
    public string? HostName { get; init; }

    /// <summary>Called with every decision, in order.</summary>
    public Action<ToolApproval>? Decided { get; set; }

    /// <exception cref="AmpProcessException">The system does not allow listening.</exception>
    public void Open()
    {
        try
        {
            // A listener has a socket from the beginning.
            _listener = new TcpListener(IPAddress.Loopback, 0);
            _listener.Start(MostStrangers);
        }
        catch (SocketException exception)
        {
            throw new AmpProcessException(
                $"The channel for approvals cannot be opened on 127.0.0.1: {exception.Message}",
                AmpErrorId.CliFailed,
                "Allow programs of this user to listen on the loopback interface, or run without approval.",
                exception);
        }

        _accepting = AcceptAsync();
    }

    /// <summary>Closes the channel. Waiting programs get no answer, which is a no.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _closed.CancelAsync().ConfigureAwait(false);
        _listener?.Stop();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_conversations.Keys).ConfigureAwait(false);
        _listener?.Dispose();
        _places.Dispose();
        _closed.Dispose();
    }

    /// <summary>Answers a program of another machine, over the connection of the run. The channel need not be open.</summary>
    public async Task ServeAsync(RelayStream stream)
    {
        TaskCompletionSource served = new();
        _conversations.TryAdd(served.Task, true);
        try
        {
            // The program sends everything at once, but the connection can be slow. If the program exits, the stream ends.
            if (await ApprovalQuestion.ReadAsync(stream, Keys.Question, () => { }, Request, _closed.Token).ConfigureAwait(false)
                is ApprovalRequest request)
            {
                await AnswerAsync(stream, stream.EndAsync, request).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // Usually, the connection or the run has ended. Whatever it was, the program gets no answer, which is a no.
        }
        finally
        {
            _conversations.TryRemove(served.Task, out _);
            served.SetResult();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                // A silent connection must not prevent others from asking.
                while (!await _places.WaitAsync(s_turn, _closed.Token).ConfigureAwait(false))
                {
                    DropOldStrangers();
                }

                Socket socket = await AcceptOneAsync().ConfigureAwait(false);
                Task conversation = ConverseAsync(socket);
                _conversations.TryAdd(conversation, true);
                _ = conversation.ContinueWith(
                    ended => _conversations.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or InvalidOperationException)
        {
            // Closed, also between two calls: after this, every answer is a no.
        }
    }

    private async Task<Socket> AcceptOneAsync()
    {
        while (true)
        {
            try
            {
                return await _listener!.AcceptSocketAsync(_closed.Token).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                await Task.Delay(s_pauseAfterFault, _closed.Token).ConfigureAwait(false);
            }
        }
    }

    private async Task ConverseAsync(Socket socket)
    {
        await Task.Yield();
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
        LinkedListNode<Stranger> stranger = new(new Stranger(limit, Stopwatch.GetTimestamp()));
        lock (_strangers)
        {
            _strangers.AddLast(stranger);
        }

        try
        {
            limit.CancelAfter(s_questionLimit);
            NetworkStream stream = new(socket, ownsSocket: true);
            await using ConfiguredAsyncDisposable owned = stream.ConfigureAwait(false);
            if (await ApprovalQuestion.ReadAsync(stream, Keys.Question, () => Forget(stranger), Request, limit.Token).ConfigureAwait(false)
                is not ApprovalRequest request)
            {
                return;
            }

            if (request.ToolName == ApprovalProgram.TrialTool)
            {
                _reached.TrySetResult();
                return;
            }

            await AnswerAsync(stream, EndAsync, request).ConfigureAwait(false);

            Task EndAsync()
            {
                stream.Socket.Shutdown(SocketShutdown.Send);
                return Task.CompletedTask;
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The program has exited, or the run has ended: it gets no answer.
        }
        finally
        {
            Forget(stranger);
        }
    }

    // A connection that has sent the token takes no place from others, however long the decision takes.
    private void Forget(LinkedListNode<Stranger> stranger)
    {
        lock (_strangers)
        {
            if (stranger.List is not null)
            {
                _strangers.Remove(stranger);
                _places.Release();
            }
        }
    }

    // Inside the lock, so that none is disposed in the meantime.
    private void DropOldStrangers()
    {
        lock (_strangers)
        {
            foreach (Stranger stranger in _strangers.TakeWhile(stranger => Stopwatch.GetElapsedTime(stranger.Since) >= s_grace))
            {
                stranger.Limit.CancelAfter(TimeSpan.Zero);
            }
        }
    }

    /// <summary>Asks about a call of an agent in this process. The channel need not be open.</summary>
    public async Task<ApprovalDecision> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        ApprovalDecision decision = ApprovalDecision.NotMade("The run has ended.");
        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token, cancellationToken);
        await DecideAsync(
            request,
            async () => decision = await _callback.AskAsync(request, gone.Token).ConfigureAwait(false),
            static _ => Task.FromResult<string?>(null)).ConfigureAwait(false);
        return decision;
    }

    private Task AnswerAsync(Stream stream, Func<Task> end, ApprovalRequest request) =>
        DecideAsync(request, () => DecisionAsync(stream, request), decision => TrySendAsync(stream, end, decision));

    private async Task DecideAsync(ApprovalRequest request, Func<Task<ApprovalDecision>> decide, Func<ApprovalDecision, Task<string?>> send)
    {
        DateTimeOffset askedAt = DateTimeOffset.Now;
        long start = Stopwatch.GetTimestamp();
        Work.Begin();
        try
        {
            ApprovalDecision decision = await decide().ConfigureAwait(false);

            // This comes first, because the run may end after an answer, before anything else happens here.
            Tell(decision);
            if (await send(decision).ConfigureAwait(false) is string failure && decision.IsAllowed)
            {
                Tell(ApprovalDecision.NotMade($"It was allowed, but the answer did not reach the CLI: {failure}"));
            }
        }
        finally
        {
            Work.End();
        }

        void Tell(ApprovalDecision decision) => Decided?.Invoke(new ToolApproval
        {
            ToolName = request.ToolName,
            ToolUseId = request.ToolUseId,
            ThreadId = request.ThreadId,
            Input = request.InputJson,
            IsAllowed = decision.IsAllowed,
            Reason = decision.Reason,
            AskedAt = askedAt,
            Duration = Stopwatch.GetElapsedTime(start),
        });
    }

    private async Task<string?> TrySendAsync(Stream stream, Func<Task> end, ApprovalDecision decision)
    {
        try
        {
            // The end of the stream shows the program that the answer is complete.
            string answer = decision.IsAllowed
                ? Keys.Consent + "\n"
                : $"no\n{RejectedWords}{decision.Message ?? "the caller does not allow this call."}";
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _closed.Token).ConfigureAwait(false);
            await end().ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return exception.Message;
        }
    }

    // A program that is killed during the decision has closed its end, and its question is void.
    private async Task<ApprovalDecision> DecisionAsync(Stream stream, ApprovalRequest request)
    {
        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
        Task watch = WatchAsync(stream, gone);
        try
        {
            return await _callback.AskAsync(request, gone.Token).ConfigureAwait(false);
        }
        finally
        {
            await gone.CancelAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(false);
        }
    }

    private ApprovalRequest Request(string tool, string toolUseId, string threadId, string input) =>
        new(_nameOf(tool), toolUseId, threadId, input, _workingDirectory) { HostName = HostName };

    private static async Task WatchAsync(Stream stream, CancellationTokenSource gone)
    {
        try
        {
            // Neither bytes nor an end may arrive before the answer.
            _ = await stream.ReadAsync(new byte[1], gone.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It was reported below, or need not be reported.
        }

        if (!gone.IsCancellationRequested)
        {
            await gone.CancelAsync().ConfigureAwait(false);
        }
    }

    private sealed record Stranger(CancellationTokenSource Limit, long Since);
}
