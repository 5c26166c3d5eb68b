using System.Collections.Specialized;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Amp.Json;
using Amp.Messages;
using Amp.Text;

namespace Amp.Records;

/// <summary>
/// Reads the lines of a file: a transcript, whose runs may alternate, or plain output of the CLI. It keeps only what the next lines of the active runs require.
/// </summary>
internal sealed class TranscriptParser
{
    private const int ShownOfLine = 400;

    // A file of other programs must not fill the memory with runs that never end.
    private const int MostRuns = 10_000;

    private readonly string? _path;
    private readonly Dictionary<string, RecordedRun> _runs = new(StringComparer.Ordinal);
    private readonly Queue<TranscriptEntry> _ready = new();
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);
    private RecordedRun? _plain;
    private RecordedRun? _last;
    private TranscriptEntry? _broken;
    private bool _isTranscript;
    private bool _hasPlainMessage;
    private bool _isFull;
    private long _line;

    /// <param name="path">The file; null for text from elsewhere.</param>
    public TranscriptParser(string? path) => _path = path;

    /// <summary>Whether every run that was read has ended, and there was one.</summary>
    public bool HasEnded => _plain is not null ? _plain.HasEnded : _isTranscript && _runs.Count == 0;

    /// <summary>The processes that write to the runs without an end, as far as they are known.</summary>
    public IEnumerable<TranscriptRun> OpenRuns => _runs.Values.Select(run => run.Run);

    /// <summary>Gets the next entry that was read.</summary>
    public bool TryTake(out TranscriptEntry entry) => _ready.TryDequeue(out entry!);

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line without its line break.</param>
    /// <param name="isComplete">Whether a line break follows it.</param>
    public void Take(ReadOnlySpan<byte> line, bool isComplete)
    {
        _line++;
        if (line.Trim(" \t\r"u8).IsEmpty)
        {
            return;
        }

        bool isStart = line.StartsWith(TranscriptFile.Start);
        if (_broken is not null)
        {
            // A process that is killed leaves half a line. The next run begins after it.
            if (!isStart)
            {
                _ready.Enqueue(_broken);
            }

            _broken = null;
        }

        try
        {
            if (isStart)
            {
                Begin(line);
            }
            else if (_isTranscript)
            {
                TakeRecord(line);
            }
            else
            {
                TakePlain(line);
            }
        }
        catch (JsonException exception)
        {
            if (!isComplete && _isTranscript)
            {
                return;
            }

            TranscriptEntry broken = Broken(line, isComplete, exception);
            if (_isTranscript)
            {
                _broken = broken;
            }
            else
            {
                _ready.Enqueue(broken);
            }
        }
    }

    /// <summary>Reads a line that is too long.</summary>
    /// <param name="start">Its beginning.</param>
    /// <param name="limit">The maximum length in bytes.</param>
    public void TakeTooLong(ReadOnlySpan<byte> start, int limit)
    {
        _line++;
        _ready.Enqueue(Broken(start, isComplete: true, new JsonException($"It is longer than {limit} bytes.")));
    }

    /// <summary>Notes that the lines after those that were read are lost.</summary>
    /// <param name="reason">The reason.</param>
    public void TakeLoss(string reason)
    {
        _line++;
        _ready.Enqueue(Broken([], isComplete: true, new JsonException(reason)));
    }

    /// <summary>Adds a message that was not read from a line of this file.</summary>
    public void Add(RecordedRun run, StreamMessage message, DateTimeOffset? time) =>
        _ready.Enqueue(new TranscriptEntry(TranscriptEntryKind.Message, run.Run) { Message = message, Time = time });

    /// <summary>Adds the start of a run.</summary>
    public RecordedRun Start(TranscriptRun run)
    {
        _ready.Enqueue(new TranscriptEntry(TranscriptEntryKind.Started, run) { Time = run.StartTime, LineNumber = _line });
        return new RecordedRun(run);
    }

    /// <summary>Ends the file.</summary>
    public void End()
    {
        if (_broken is not null)
        {
            _ready.Enqueue(_broken);
        }

        foreach (RecordedRun run in _runs.Values)
        {
            Release(run);
            _ready.Enqueue(new TranscriptEntry(TranscriptEntryKind.Interrupted, run.Run) { LineNumber = _line });
        }

        _runs.Clear();
        InterruptPlain(_line);
    }

    private void Begin(ReadOnlySpan<byte> line)
    {
        JsonReader reader = JsonText.Open(line);
        OrderedDictionary fields = (OrderedDictionary)JsonField.Any(ref reader)!;
        reader.Read();
        _isTranscript = true;
        if (RecordJson.NumberOf(fields, "amp_transcript") is not long version || version > TranscriptWriter.FormatVersion)
        {
            _unknown.Add(RecordJson.TextOf(fields, "run") ?? string.Empty);
            _last = null;

            // Not held like half a line, which the start of another run excuses.
            _ready.Enqueue(Broken(line, isComplete: true, new JsonException($"The version {fields["amp_transcript"]} of the format is newer than this library.")));
            return;
        }

        TranscriptRun run = RecordJson.ReadRun(fields, _path);
        if (HasRoom(run.Id))
        {
            _last = _runs[run.Id] = Start(run);
        }
    }

    // Told once: a file can have millions of such lines.
    private bool HasRoom(string runId)
    {
        if (_runs.Count < MostRuns || _runs.ContainsKey(runId))
        {
            return true;
        }

        if (!_isFull)
        {
            _isFull = true;
            _ready.Enqueue(Broken([], isComplete: true, new JsonException($"{MostRuns} earlier runs have no end. Further runs are not read until one of them has.")));
        }

        return false;
    }

    private void TakePlain(ReadOnlySpan<byte> line)
    {
        if (!MessageParser.LooksLikeJson(line))
        {
            _plain ??= Start(new TranscriptRun { Path = _path });
            string text = TerminalText.WithoutSecrets(TerminalText.Strip(Encoding.UTF8.GetString(line)));
            _ready.Enqueue(new TranscriptEntry(TranscriptEntryKind.OutputText, _plain.Run) { Text = text, LineNumber = _line });
            return;
        }

        if (_plain is { HasEnded: false } && IsStart(line))
        {
            InterruptPlain(_line - 1);
        }

        if (_plain is null || _plain.HasEnded)
        {
            _plain = Start(new TranscriptRun { Path = _path });
        }

        StreamMessage message = _plain.Parse(line, null, null, null, null);
        _plain.HasEnded = message is ResultMessage;
        _hasPlainMessage = !_plain.HasEnded && (_hasPlainMessage || message is not UnknownMessage);
        _ready.Enqueue(new TranscriptEntry(TranscriptEntryKind.Message, _plain.Run) { Message = message, LineNumber = _line });
    }

    // The messages of a killed run must not count for the next run in the file. A quotation mark in a text of the line has a backslash before it.
    private static bool IsStart(ReadOnlySpan<byte> line) =>
        line.IndexOf("\"init\""u8) >= 0 && new MessageParser().Parse(line) is SystemMessage { Subtype: "init", ParentToolUseId: null };

    // Text or JSON of other programs alone is not a run.
    private void InterruptPlain(long line)
    {
        if (_plain is not { HasEnded: false } || !_hasPlainMessage)
        {
            return;
        }

        _ready.Enqueue(new TranscriptEntry(TranscriptEntryKind.Interrupted, _plain.Run) { LineNumber = line });
        _plain.HasEnded = true;
        _hasPlainMessage = false;
    }

    private void TakeRecord(ReadOnlySpan<byte> line)
    {
        if (_last is not null && TryTakeMessage(_last, line))
        {
            return;
        }

        RecordLine read = RecordLine.Read(line);
        if (_unknown.Contains(read.RunId))
        {
            return;
        }

        if (!_runs.TryGetValue(read.RunId, out RecordedRun? run))
        {
            if (!HasRoom(read.RunId))
            {
                return;
            }

            // Its first line is missing, for example because the file was cut.
            run = _runs[read.RunId] = Start(new TranscriptRun { Id = read.RunId, Path = _path });
        }

        _last = run;
        DateTimeOffset? time = run.TimeOf(read.Milliseconds);
        if (read.RawLength > 0)
        {
            Enqueue(run, run.Parse(line.Slice(read.RawStart, read.RawLength), time, read.Denied, read.Facts, read.TurnEnd), time);
        }
        else
        {
            TakeEvent(run, time, read);
        }
    }

    private void TakeEvent(RecordedRun run, DateTimeOffset? time, in RecordLine read)
    {
        OrderedDictionary fields = read.Fields;
        if (fields["retry"] is OrderedDictionary retry)
        {
            _ = run.Release();
            run.BeginTry();
            Add(TranscriptEntryKind.Retry, entry => entry with { Retry = RecordJson.ReadRetry(retry) });
            return;
        }

        // Only its end and a message to the agent tell that no retry follows: what else is said of the run passes a held result.
        if (fields["end"] is OrderedDictionary end)
        {
            Release(run);
            _runs.Remove(read.RunId);
            _last = null;
            Add(TranscriptEntryKind.Ended, entry => entry with { End = RecordJson.ReadEnd(end) });
        }
        else if (fields["approval"] is OrderedDictionary approval)
        {
            Add(TranscriptEntryKind.Approval, entry => entry with { Approval = RecordJson.ReadApproval(approval) });
        }
        else if (RecordJson.TextOf(fields, "input") is string input)
        {
            Release(run);
            Add(TranscriptEntryKind.Input, entry => entry with { Text = input });
        }
        else if (RecordJson.TextOf(fields, "text") is string text)
        {
            Add(TranscriptEntryKind.OutputText, entry => entry with { Text = text });
        }
        else if (RecordJson.TextOf(fields, "warning") is string warning)
        {
            Add(TranscriptEntryKind.Warning, entry => entry with { Text = warning });
        }
        else if (RecordJson.TextOf(fields, "invalid") is string invalid)
        {
            Add(TranscriptEntryKind.InvalidLine, entry => entry with { Error = new AmpJsonException(RecordJson.TextOf(fields, "error") ?? string.Empty, invalid) });
        }

        void Add(TranscriptEntryKind kind, Func<TranscriptEntry, TranscriptEntry> fill) =>
            _ready.Enqueue(fill(new TranscriptEntry(kind, run.Run) { Time = time, LineNumber = _line }));
    }

    // Almost all lines have nothing but the line of the CLI, which its own parser checks: they are read once instead of twice.
    private bool TryTakeMessage(RecordedRun run, ReadOnlySpan<byte> line)
    {
        if (!run.TryFindMessage(line, out ReadOnlySpan<byte> raw, out long milliseconds))
        {
            return false;
        }

        try
        {
            DateTimeOffset? time = run.TimeOf(milliseconds);
            Enqueue(run, run.Parse(raw, time, null, null, null), time);
            return true;
        }
        catch (JsonException)
        {
            // It has more fields, or a fault whose place in the whole line is told.
            return false;
        }
    }

    private void Enqueue(RecordedRun run, StreamMessage message, DateTimeOffset? time)
    {
        Release(run);
        TranscriptEntry entry = new(TranscriptEntryKind.Message, run.Run) { Message = message, Time = time, LineNumber = _line };
        if (message is ErrorResultMessage)
        {
            run.Hold(entry);
        }
        else
        {
            _ready.Enqueue(entry);
        }
    }

    private void Release(RecordedRun run)
    {
        if (run.Release() is TranscriptEntry held)
        {
            _ready.Enqueue(held);
        }
    }

    private TranscriptEntry Broken(ReadOnlySpan<byte> line, bool isComplete, JsonException cause)
    {
        string text = TerminalText.WithoutSecrets(TerminalText.Strip(Encoding.UTF8.GetString(line)));
        string shown = TruncatedText.Shown(text, ShownOfLine);
        string where = string.Create(CultureInfo.InvariantCulture, $"Line {_line} of '{_path}'");
        RecordedRun? run = _plain ?? _runs.Values.FirstOrDefault();
        return new TranscriptEntry(TranscriptEntryKind.InvalidLine, run?.Run ?? new TranscriptRun { Path = _path })
        {
            LineNumber = _line,
            Error = new AmpJsonException(
                cause.BytePositionInLine is null
                    ? $"{where} cannot be read. {cause.Message}"
                    : $"{where} {(isComplete ? "is not valid JSON" : "is cut off")} (byte {cause.BytePositionInLine}): {shown}",
                text,
                cause,
                "The lines before and after it are read. Check whether the file was changed or only partly copied."),
        };
    }
}
