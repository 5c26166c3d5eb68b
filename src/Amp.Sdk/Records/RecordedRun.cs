using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Amp.Messages;
using Amp.Permissions;

namespace Amp.Records;

/// <summary>A run that is being read from a transcript: its parser, and what waits for its next line.</summary>
internal sealed class RecordedRun
{
    private static ReadOnlySpan<byte> BeforeMessage => ",\"line\":"u8;

    private readonly RecordedAccount _account = new();
    private readonly ToolboxNames _toolbox;
    private readonly byte[]? _prefix;
    private RunTally _tally;
    private MessageParser _parser;
    private TranscriptEntry? _held;

    public RecordedRun(TranscriptRun run)
    {
        Run = run;
        _toolbox = ToolboxNames.Of(run.ToolboxTools.Distinct(StringComparer.Ordinal));

        // An ID that the writer gave: no JSON string has another spelling of it.
        _prefix = run.Id.Length > 0 && run.Id.All(char.IsAsciiLetterOrDigit) ? TranscriptWriter.PrefixOf(run.Id) : null;
        BeginTry();
    }

    public TranscriptRun Run { get; }

    /// <summary>Whether its end was read.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Begins the first or another try. As in the run itself, the result of a try counts the tries before it.</summary>
    [MemberNotNull(nameof(_tally), nameof(_parser))]
    public void BeginTry()
    {
        // Before the first try, there is none.
        _tally = new RunTally(RejectMessages.None, _tally?.Conclude());
        _parser = new MessageParser(_tally, _toolbox, _account);
    }

    /// <summary>Gets the time of a line, which counts from the start of the run.</summary>
    /// <exception cref="JsonException">There is no such time.</exception>
    public DateTimeOffset? TimeOf(long? milliseconds)
    {
        if (Run.StartTime is not DateTimeOffset start || milliseconds is not long offset)
        {
            return null;
        }

        try
        {
            return start.AddTicks(checked(offset * TimeSpan.TicksPerMillisecond));
        }
        catch (Exception exception) when (exception is OverflowException or ArgumentOutOfRangeException)
        {
            throw new JsonException($"Its time, {offset} ms after the start of the run, does not exist.");
        }
    }

    /// <summary>
    /// Finds the line of the CLI in a line that the writer of this run wrote for a message of which there is nothing else to say. Whether it is one object, and
    /// the end of the line, its parser tells.
    /// </summary>
    public bool TryFindMessage(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> raw, out long milliseconds)
    {
        raw = default;
        milliseconds = 0;
        if (_prefix is null || !line.StartsWith(_prefix))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = line[_prefix.Length..];
        if (rest is not [>= (byte)'1' and <= (byte)'9', ..] and not [(byte)'0', (byte)',', ..]
            || !Utf8Parser.TryParse(rest, out milliseconds, out int digits) || !rest[digits..].StartsWith(BeforeMessage))
        {
            return false;
        }

        raw = rest[(digits + BeforeMessage.Length)..];
        raw = raw is [(byte)'{', .., (byte)'}', (byte)'}'] ? raw[..^1] : default;
        return !raw.IsEmpty;
    }

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
        message.Denied = _tally.LastDenied;
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
