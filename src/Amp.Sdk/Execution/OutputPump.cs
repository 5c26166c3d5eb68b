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
/// Reads the CLI's standard output, converts its lines to events and passes them to the consumer. If the consumer is slower, this class
/// waits, the pipe fills, and the CLI waits too. When the consumer has left, it reads on, so that the CLI can exit.
/// </summary>
internal sealed class OutputPump : IDisposable
{
    private const int ShownOfLine = 400;
    private const int SearchedOfLine = 64 * 1024;

    // A login asks in a few short lines. A huge line is not searched again for each of its chunks.
    private const int LongestLogin = 64 * 1024;

    // Events that arrive together are passed on together, because waking a consumer costs more than reading a message. The limits keep the
    // wait short.
    private const int BatchBytes = 1024 * 1024;
    private const int BatchEvents = 512;

    // One second in total: the remaining content of a pipe arrives at once when its process has exited.
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
    private bool _isNoted;
    private long _readingSince;
    private long _readAt;
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

    /// <summary>The result of the run, when it has arrived.</summary>
    public ResultMessage? Result { get; private set; }

    /// <summary>The last message of any type, for a run that ends without a result.</summary>
    public StreamMessage? LastMessage { get; private set; }

    /// <summary>The thread, as soon as a message contains it.</summary>
    public string? ThreadId { get; private set; }

    /// <summary>The error for a line that ended the run because it was too long.</summary>
    public AmpJsonException? TooLong { get; private set; }

    /// <summary>Completes when a result has arrived, after which the CLI should exit.</summary>
    public TaskCompletionSource ResultArrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The thread that the CLI was asked to continue, if any.</summary>
    public string? ExpectedThread { get; init; }

    /// <summary>Called with each message before it is passed on.</summary>
    public Action<StreamMessage>? MessageArrived { get; init; }

    /// <summary>Records the events; null if the run is not recorded.</summary>
    public RunRecorder? Recorder { get; init; }

    /// <summary>Warnings to report before the current message, added by <see cref="MessageArrived"/>.</summary>
    public Queue<string> Warnings { get; } = new();

    /// <summary>Reads until the end, on its own thread.</summary>
    public Task RunAsync() => Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>
    /// Waits for the end of the pipe after the process has exited, however slow the consumer is. If another process keeps the pipe open and
    /// writes nothing, reading stops; everything that has arrived still counts.
    /// </summary>
    /// <param name="output">The task from <see cref="RunAsync"/>.</param>
    public async Task DrainAsync(Task output)
    {
        // Counted in checks instead of seconds, and only from now on: on a busy machine, the last output of the process is read late, and
        // then this checks late too.
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
                    DeliverBatch(isIdle: true);
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
        long now = DateTime.UtcNow.Ticks;
        _readAt = now - (now % TimeSpan.TicksPerMillisecond);
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

    // Waits until the consumer has room. Events without a consumer are dropped.
    private void DeliverBatch(bool isIdle = false)
    {
        ReadOnlySpan<AmpEvent> left = CollectionsMarshal.AsSpan(_batch);
        if (Recorder is not null && !_isNoted)
        {
            // The disk may keep this thread waiting, and the CLI then waits for it. What is noted once is not noted again after an error.
            _isNoted = true;
            _clock.Pause();
            Recorder.Note(left, isIdle);
            _clock.Resume();
        }

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
        _isNoted = false;
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

        // Once per run: a caller that continues by the ID of such a message would continue another thread.
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
            // A title or color sequence for a terminal may come before a message.
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
        message.TimeTicks = _readAt;
        message.RunRedactor = _redactor;
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
        // Before it is cut, because half a secret would not be recognized.
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

    // The order matters: a control sequence inside a secret would hide it.
    private string Shown(string text)
    {
        string safe = _redactor.Redact(TerminalText.Strip(text));
        return TruncatedText.Shown(safe, ShownOfLine);
    }
}
