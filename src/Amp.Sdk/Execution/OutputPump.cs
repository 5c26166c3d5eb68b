using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Amp.Cli;
using Amp.Messages;
using Amp.Processes;
using Amp.Text;

namespace Amp.Execution;

/// <summary>
/// Reads the CLI's standard output, makes events of its lines and hands them to the consumer, who may be slower: then this
/// waits, the pipe fills, and the CLI waits too. When the consumer has left it reads on, so that the CLI can end.
/// </summary>
internal sealed class OutputPump : IDisposable
{
    private const int ShownOfLine = 400;
    private const int SearchedOfLine = 64 * 1024;

    // A login asks in a few short lines; a huge one is not searched again with every piece of it that comes.
    private const int LongestLogin = 64 * 1024;

    // What has arrived together is handed on together: to be woken costs a consumer more than to take a message. The limits keep one that
    // waits from waiting for more than a moment.
    private const int BatchBytes = 1024 * 1024;
    private const int BatchEvents = 512;

    // A second in all: what a pipe still holds when its process has ended comes at once.
    private const int IdleLooksToGiveUp = 20;

    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(50);

    private readonly ByteSource _source;
    private readonly LineFramer _framer;
    private readonly EventQueue _events;
    private readonly RunClock _clock;
    private readonly SecretRedactor _redactor;
    private readonly Action<StopReason> _requestStop;
    private readonly int _maxLineBytes;
    private readonly MessageParser _parser;
    private readonly List<AmpEvent> _batch = new(BatchEvents + 1);
    private long _batchBytes;
    private long _readingSince;
    private bool _sawJson;
    private string? _strayThread;
    private bool _toldStray;

    public OutputPump(
        Stream output, MessageParser parser, int maxLineBytes, EventQueue events, RunClock clock, SecretRedactor redactor, Action<StopReason> requestStop)
    {
        _source = ByteSource.Of(output);
        _framer = new LineFramer(_source, maxLineBytes);
        _parser = parser;
        _maxLineBytes = maxLineBytes;
        _events = events;
        _clock = clock;
        _redactor = redactor;
        _requestStop = requestStop;
    }

    /// <summary>The run's result, once it has come.</summary>
    public ResultMessage? Result { get; private set; }

    /// <summary>The last message of any type, for a run that ends without a result.</summary>
    public StreamMessage? LastMessage { get; private set; }

    /// <summary>The thread, as soon as a message has named it.</summary>
    public string? ThreadId { get; private set; }

    /// <summary>What was wrong with a line that ended the run because it was too long.</summary>
    public AmpJsonException? TooLong { get; private set; }

    /// <summary>Completes when a result has come, which is when the CLI should be about to end.</summary>
    public TaskCompletionSource ResultArrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The thread that the CLI was asked to continue, if it was.</summary>
    public string? ExpectedThread { get; init; }

    /// <summary>Called with each message before it is handed on.</summary>
    public Action<StreamMessage>? MessageArrived { get; init; }

    /// <summary>What is to be said in front of the message that has just arrived; filled by <see cref="MessageArrived"/>.</summary>
    public Queue<string> Warnings { get; } = new();

    /// <summary>Reads to the end, on a thread of its own.</summary>
    public Task RunAsync() => Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>
    /// Waits for the pipe's end after that of its process, however slow the consumer is. Where somebody else holds the pipe open and
    /// writes nothing, the reading is given up; what has come until then still counts.
    /// </summary>
    /// <param name="output">The reading: what <see cref="RunAsync"/> has given.</param>
    public async Task DrainAsync(Task output)
    {
        // Counted in looks and not in seconds, and only from now on: on a busy machine what the process wrote last is read late, and
        // then this looks late too.
        int idleLooks = 0;
        long before = 0;
        while (await Task.WhenAny(output, Task.Delay(s_lookInterval)).ConfigureAwait(false) != output)
        {
            long readingSince = Volatile.Read(ref _readingSince);
            idleLooks = readingSince != 0 && readingSince == before ? idleLooks + 1 : 0;
            before = readingSince;
            if (idleLooks >= IdleLooksToGiveUp)
            {
                _source.GiveUp();
            }
        }
    }

    public void Dispose() => _source.Dispose();

    private void Run()
    {
        try
        {
            while (Read())
            {
                TakeLines();
                if (!_source.HasMore)
                {
                    DeliverBatch();
                }

                if (_framer.IsTooLong)
                {
                    RefuseLine();
                    return;
                }

                if (!_sawJson && _framer.Pending.Length <= LongestLogin && !MessageParser.LooksLikeJson(_framer.Pending) && LoginPrompt.IsIn(_framer.Pending))
                {
                    _requestStop(StopReason.LoginStarted);
                }
            }

            Take(_framer.TakeRest(), isComplete: false);
        }
        finally
        {
            DeliverBatch();
            Volatile.Write(ref _readingSince, 0);
        }
    }

    private bool Read()
    {
        Volatile.Write(ref _readingSince, Stopwatch.GetTimestamp());
        bool more = _framer.Read();
        Volatile.Write(ref _readingSince, 0);
        _clock.Touch();
        return more;
    }

    private void TakeLines()
    {
        while (_framer.TryReadLine(out ReadOnlySpan<byte> line))
        {
            Take(line, isComplete: true);
            _batchBytes += line.Length;
            if (_batchBytes >= BatchBytes || _batch.Count >= BatchEvents)
            {
                DeliverBatch();
            }
        }
    }

    // Waits until the consumer has room for it; what nobody wants any more is dropped.
    private void DeliverBatch()
    {
        ReadOnlySpan<AmpEvent> left = CollectionsMarshal.AsSpan(_batch);
        while (!(left = left[_events.Write(left)..]).IsEmpty)
        {
            _clock.Pause();
            bool isWanted = _events.WaitForRoom();
            _clock.Resume();
            if (!isWanted)
            {
                break;
            }
        }

        _batch.Clear();
        _batchBytes = 0;
    }

    private void Take(ReadOnlySpan<byte> line, bool isComplete)
    {
        if (ToEvent(line, isComplete) is not AmpEvent item)
        {
            return;
        }

        while (Warnings.TryDequeue(out string? warning))
        {
            _batch.Add(AmpEvent.FromText(AmpEventKind.Warning, warning));
        }

        _batch.Add(item);

        // Once a run: whoever continues by the ID of such a message would go on somewhere else.
        if (_strayThread is string thread && !_toldStray)
        {
            _toldStray = true;
            string expected = ThreadId == thread ? ExpectedThread! : ThreadId!;
            _batch.Add(AmpEvent.FromText(
                AmpEventKind.Warning,
                $"The Amp CLI sent a message of another thread: {Shown(thread)} instead of {Shown(expected)}."));
        }
    }

    private AmpEvent? ToEvent(ReadOnlySpan<byte> line, bool isComplete)
    {
        if (line.Trim(" \t\r"u8).IsEmpty)
        {
            return null;
        }

        if (!MessageParser.LooksLikeJson(line))
        {
            // A title or a colour that was set for a terminal may stand before a message.
            ReadOnlySpan<byte> rest = TerminalText.WithoutLeadingControls(line);
            if (!MessageParser.LooksLikeJson(rest))
            {
                return TextEvent(line);
            }

            line = rest;
        }

        try
        {
            StreamMessage message = _parser.Parse(line);
            Remember(message);
            return AmpEvent.FromMessage(message);
        }
        catch (JsonException exception)
        {
            string text = Encoding.UTF8.GetString(line);
            string reason = isComplete ? "is not valid JSON" : "is cut off";
            return AmpEvent.FromInvalidLine(new AmpJsonException(
                $"A line of the CLI's output {reason} (byte {exception.BytePositionInLine}): {Shown(text)}",
                _redactor.Redact(text),
                exception,
                "The messages before and after it are complete. Report the line to the maker of the CLI.")
            {
                ThreadId = ThreadId,
            });
        }
    }

    private AmpEvent? TextEvent(ReadOnlySpan<byte> line)
    {
        // The same words inside a message are only words.
        if (!_sawJson && LoginPrompt.IsIn(line))
        {
            _requestStop(StopReason.LoginStarted);
            return null;
        }

        string text = TerminalText.Strip(Encoding.UTF8.GetString(line));
        return string.IsNullOrWhiteSpace(text)
            ? null
            : AmpEvent.FromText(AmpEventKind.OutputText, _redactor.Redact(text));
    }

    private void Remember(StreamMessage message)
    {
        _sawJson = true;
        LastMessage = message;
        if (message.SessionId is string thread && thread != (ThreadId ?? ExpectedThread ?? thread))
        {
            _strayThread = thread;
        }

        ThreadId ??= message.SessionId;
        MessageArrived?.Invoke(message);
        if (message is ResultMessage result)
        {
            Result = result;
            ResultArrived.TrySetResult();
        }
    }

    private void RefuseLine()
    {
        // Before it is cut off: half a secret would not be known for one.
        string start = Shown(Encoding.UTF8.GetString(_framer.Pending[..Math.Min(SearchedOfLine, _framer.Pending.Length)]));
        TooLong = new AmpJsonException(
            $"A line of the CLI's output is longer than {_maxLineBytes} bytes. It begins: {start}",
            start,
            recommendedAction: "Ask the agent to read less at once, or raise AmpOptions.MaxLineBytes.")
        {
            ThreadId = ThreadId,
        };
        _requestStop(StopReason.LineTooLong);
    }

    // In this order: a control sequence in the middle of a secret would hide it.
    private string Shown(string text)
    {
        string safe = _redactor.Redact(TerminalText.Strip(text));
        return safe.Length <= ShownOfLine ? safe : safe[..ShownOfLine] + "…";
    }
}
