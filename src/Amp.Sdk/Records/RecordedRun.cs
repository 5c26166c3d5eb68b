using System.Text.Json;
using Amp.Messages;
using Amp.Permissions;

namespace Amp.Records;

/// <summary>A run that is being read from a transcript: its parser, and what waits for its next line.</summary>
internal sealed class RecordedRun
{
    private readonly RunTally _tally = new(RejectMessages.None);
    private readonly RecordedAccount _account = new();
    private readonly MessageParser _parser;
    private TranscriptEntry? _held;

    public RecordedRun(TranscriptRun run)
    {
        Run = run;
        _parser = new MessageParser(_tally, ToolboxNames.Of(run.ToolboxTools.Distinct(StringComparer.Ordinal)), _account);
    }

    public TranscriptRun Run { get; }

    /// <summary>Whether its end was read.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Gets the time of a line, which counts from the start of the run.</summary>
    public DateTimeOffset? TimeOf(long? milliseconds) => Run.StartTime is not DateTimeOffset start || milliseconds is not long offset ? null
        : Math.Abs(offset) > TimeSpan.MaxValue.TotalMilliseconds / 10_000 ? null
        : start.AddMilliseconds(offset);

    /// <summary>Parses a line of the CLI.</summary>
    /// <exception cref="JsonException">The line is not valid JSON.</exception>
    public StreamMessage Parse(ReadOnlySpan<byte> line, DateTimeOffset? time, IReadOnlyCollection<string>? denied, ResultFacts? facts, TurnEnd? end)
    {
        _tally.KnownDenied = denied;
        _account.Facts = facts ?? ResultFacts.None;
        _account.End = end;
        StreamMessage message = _parser.Parse(line);
        message.TimeTicks = time?.UtcTicks ?? 0;
        message.Source = Run;
        return message;
    }

    /// <summary>Keeps an error result, which does not count if a retry follows.</summary>
    public void Hold(TranscriptEntry entry) => _held = entry;

    /// <summary>Gets the held result.</summary>
    public TranscriptEntry? Release()
    {
        TranscriptEntry? held = _held;
        _held = null;
        return held;
    }
}
