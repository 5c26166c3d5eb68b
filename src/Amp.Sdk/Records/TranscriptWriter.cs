using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amp.Files;
using Amp.Messages;
using Amp.Options;
using Amp.Processes;
using Amp.Records;
using Amp.Text;

namespace Amp;

/// <summary>
/// Writes the record of one run to a transcript (docs/transcripts.md). Use <see cref="AmpOptions.TranscriptPath"/> to record runs of this library; this class
/// is for messages from other sources. Lines are written whole and without secrets. They reach the file after 50 milliseconds at the latest, and at
/// once at the end of a turn. All members can be called from any thread.
/// </summary>
public sealed class TranscriptWriter : IDisposable
{
    /// <summary>The version of the format that this class writes.</summary>
    public const int FormatVersion = 1;

    private const int LongestNumber = 20;

    private readonly object _lock = new();
    private readonly TranscriptBlock _block;
    private readonly byte[] _prefix;
    private readonly ArrayBufferWriter<byte> _made = new();
    private readonly Func<string, string> _content;

    private TranscriptWriter(AppendFile file, TranscriptRun run, SecretRedactor redactor)
    {
        _block = new TranscriptBlock(
            _lock, file, redactor, $$"""{"run":"{{run.Id}}","warning":"A line is missing here, because secrets in it could not be removed."}""");
        Run = run;
        _prefix = PrefixOf(run.Id);
        _content = run.Content == TranscriptContent.Hash ? HashedLine.Of : text => text;
    }

    /// <summary>The run, with its ID, its start and its file.</summary>
    public TranscriptRun Run { get; }

    /// <summary>Opens a transcript and writes the first line of the run.</summary>
    /// <param name="path">A file, which is extended if it is a transcript; or a folder (existing, or with a separator at its end), in which the run gets
    /// its own file.</param>
    /// <param name="run">The information about the run; null for none. A missing ID, start time, computer name and user name are added.</param>
    /// <exception cref="AmpValidationException">The file cannot be written, or is not a transcript.</exception>
    public static TranscriptWriter Open(string path, TranscriptRun? run = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(System.IO.Path.GetFullPath(path), run ?? new TranscriptRun(), SecretRedactor.Patterns);
    }

    /// <summary>Writes a message. The line of the CLI is kept byte for byte, except secrets.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(StreamMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Write(message, denied: null);
    }

    /// <summary>Writes a message to the agent.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WriteInput(string text) => WriteText("input", text);

    /// <summary>Writes a line on standard output that is not JSON.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WriteOutputText(string text) => WriteText("text", text);

    /// <summary>Writes a warning.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WriteWarning(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        WriteFields(writer => writer.WriteString("warning", text));
    }

    /// <summary>Writes a line of the CLI that is not valid JSON.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WriteInvalidLine(AmpJsonException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        WriteFields(writer =>
        {
            writer.WriteString("invalid", _content(error.RawLine));
            writer.WriteString("error", _content(error.Message));
        });
    }

    /// <summary>Writes a decision about a tool call.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WriteApproval(ToolApproval approval)
    {
        ArgumentNullException.ThrowIfNull(approval);
        WriteFields(writer =>
        {
            writer.WritePropertyName("approval");
            RecordJson.WriteApproval(writer, approval, _content);
        });
    }

    /// <summary>Writes a retry of the run. An error result before it is not that of the run, whose result counts all tries.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WriteRetry(AmpRetry retry)
    {
        ArgumentNullException.ThrowIfNull(retry);
        WriteFields(writer =>
        {
            writer.WritePropertyName("retry");
            RecordJson.WriteRetry(writer, retry, _content);
        });
    }

    /// <summary>Writes the end of the run.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WriteEnd(TranscriptEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        WriteFields(writer => RecordJson.WriteEnd(writer, end, _content));
        Flush();
    }

    /// <summary>Writes all buffered lines to the file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Flush()
    {
        lock (_lock)
        {
            _block.RefuseBroken();
            _block.Flush();
        }
    }

    /// <summary>Closes the file. Without <see cref="WriteEnd"/>, the run counts as interrupted.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _block.Dispose();
        }
    }

    /// <summary>Opens a transcript for a run whose secrets are known.</summary>
    internal static TranscriptWriter Open(string path, TranscriptRun run, SecretRedactor redactor)
    {
        string id = run.Id.Length > 0 && run.Id.All(char.IsAsciiLetterOrDigit) ? run.Id : Convert.ToHexString(RandomNumberGenerator.GetBytes(8)).ToLowerInvariant();
        DateTimeOffset start = new(Rounded(run.StartTime?.UtcTicks ?? DateTime.UtcNow.Ticks), TimeSpan.Zero);
        AppendFile file = TranscriptFile.Open(path, id, start, out string place);
        TranscriptWriter? writer = null;
        try
        {
            writer = new TranscriptWriter(file, Complete(run, id, start, place), redactor);
            RecordJson.Write(writer._made, json => RecordJson.WriteRun(json, writer.Run));
            writer.TakeMade();
            writer._block.Flush();
            return writer;
        }
        catch (IOException exception)
        {
            writer?.Dispose();
            file.Dispose();
            throw TranscriptFile.Invalid(place, "cannot be written", exception);
        }
    }

    /// <summary>Replaces the known secrets, for the next try of a run, whose services have other ones.</summary>
    internal void Hide(SecretRedactor redactor)
    {
        lock (_lock)
        {
            _block.Hide(redactor);
        }
    }

    /// <summary>Writes the end of the run after something could not be written.</summary>
    internal void WriteEndAfterFailure(TranscriptEnd end)
    {
        lock (_lock)
        {
            _block.Retry();
            WriteWarning("The transcript could not be written for a part of the run. Lines before this one are missing.");
            WriteEnd(end);
        }
    }

    /// <summary>Writes a message with the calls that it denies.</summary>
    internal void Write(StreamMessage message, IReadOnlyList<string>? denied)
    {
        lock (_lock)
        {
            _block.RefuseBroken();
            ReadOnlySpan<byte> line = message.Line;
            _made.ResetWrittenCount();
            if (Run.Content == TranscriptContent.Hash)
            {
                HashedLine.Write(line, _made);
                line = _made.WrittenSpan.ToArray();
                _made.ResetWrittenCount();
            }

            WriteExtras(message, denied);
            int room = _prefix.Length + LongestNumber + _made.WrittenCount + line.Length + 16;
            _block.Begin(room);
            _block.Put(_prefix);
            _block.Put(Offset(message.TimeTicks));
            if (_made.WrittenCount > 0)
            {
                // An object, of which only the fields are needed here.
                _block.Put(","u8);
                _block.Put(_made.WrittenSpan[1..^1]);
            }

            _block.Put(",\"line\":"u8);
            _block.Put(line);
            _block.Put("}\n"u8);
            _block.End(isUrgent: message is ResultMessage or AssistantMessage { EndsTurn: true });
        }
    }

    /// <summary>Says that nothing more is to be written at the moment.</summary>
    internal void Idle()
    {
        lock (_lock)
        {
            _block.Idle();
        }
    }

    /// <summary>How the lines of a run begin, up to the time.</summary>
    internal static byte[] PrefixOf(string runId) => Encoding.UTF8.GetBytes($$"""{"run":"{{runId}}","ms":""");

    private static TranscriptRun Complete(TranscriptRun run, string id, DateTimeOffset start, string place) => run with
    {
        Id = id,
        StartTime = start,
        Path = place,
        SdkVersion = run.SdkVersion ?? RunEnvironment.SdkVersion,
        HostName = run.HostName ?? Environment.MachineName,
        UserName = run.UserName ?? Environment.UserName,
        Owner = ProcessIdentity.Current.ToString(),
        PromptHash = run.PromptHash ?? (run.Prompt is string prompt ? Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(prompt))).ToLowerInvariant() : null),
        Prompt = Kept(run, run.Prompt),
        Title = Kept(run, run.Title),
        Labels = run.Content == TranscriptContent.Hash ? ReadableList<string>.Of(run.Labels.Select(HashedLine.Of)) : run.Labels,
    };

    private static string? Kept(TranscriptRun run, string? text) => text is not null && run.Content == TranscriptContent.Hash ? HashedLine.Of(text) : text;

    // Of a time in ticks, or of now.
    private long Offset(long ticks) => ((ticks == 0 ? Rounded(DateTime.UtcNow.Ticks) : ticks) - Run.StartTime!.Value.UtcTicks) / TimeSpan.TicksPerMillisecond;

    private static long Rounded(long ticks) => ticks - (ticks % TimeSpan.TicksPerMillisecond);

    private void WriteText(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        WriteFields(writer => writer.WriteString(name, _content(text)));
    }

    private void WriteFields(Action<Utf8JsonWriter> fields)
    {
        lock (_lock)
        {
            _block.RefuseBroken();
            long milliseconds = Offset(0);
            _made.ResetWrittenCount();
            RecordJson.Write(_made, writer =>
            {
                writer.WriteString("run", Run.Id);
                writer.WriteNumber("ms", milliseconds);
                fields(writer);
            });
            TakeMade();
            _block.End(isUrgent: false);
        }
    }

    private void WriteExtras(StreamMessage message, IReadOnlyList<string>? denied)
    {
        ResultMessage? result = message as ResultMessage;
        TurnEnd? end = (message as AssistantMessage)?.End;
        ResultOutcome? outcome = Run.Content == TranscriptContent.Hash ? result?.Outcome : null;
        bool hasFacts = result is not null && (outcome is not null || result.Facts is not
            { Outcome: null, OutputJson: null, Approvals.Count: 0, Retries.Count: 0, Verifications.Count: 0 });
        bool hasEnd = end is not null && (end.IsFollowedUp || end.OutputJson is not null);
        if (denied is null && !hasFacts && !hasEnd)
        {
            return;
        }

        MakeExtras(denied, hasFacts ? result : null, outcome, hasEnd ? end : null);
    }

    // Apart, because what it captures is created when its method begins.
    private void MakeExtras(IReadOnlyList<string>? denied, ResultMessage? result, ResultOutcome? outcome, TurnEnd? end) =>
        RecordJson.Write(_made, writer =>
        {
            if (denied is not null)
            {
                writer.WriteStartArray("denied");
                foreach (string id in denied)
                {
                    writer.WriteStringValue(id);
                }

                writer.WriteEndArray();
            }

            if (result is not null)
            {
                writer.WriteStartObject("facts");
                RecordJson.WriteFacts(writer, result.Facts, outcome, _content);
                writer.WriteEndObject();
            }

            if (end is not null)
            {
                writer.WriteStartObject("turn_end");
                writer.WriteBoolean("followed_up", end.IsFollowedUp);
                RecordJson.Text(writer, "output", end.OutputJson is string output ? _content(output) : null);
                writer.WriteEndObject();
            }
        });

    private void TakeMade()
    {
        _block.Begin(_made.WrittenCount + 1);
        _block.Put(_made.WrittenSpan);
        _block.Put("\n"u8);
    }
}
