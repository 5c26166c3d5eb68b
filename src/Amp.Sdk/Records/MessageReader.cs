using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Amp.Messages;
using Amp.Processes;
using Amp.Records;
using Amp.Text;

namespace Amp;

/// <summary>
/// Reads lines of <c>amp --stream-json</c> that you have: a line of a log, the output of a process of your own, a request body. The messages are the same
/// objects that a run returns, and a line of a type that this version does not know is an <see cref="UnknownMessage"/>. Use <see cref="TranscriptReader"/> for
/// files.
/// </summary>
public static class MessageReader
{
    private const int ShownOfLine = 400;

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line.</param>
    /// <returns>The message. A single line does not contain information about the whole run, such as <see cref="ResultMessage.Denials"/>. To get it, read a stream.</returns>
    /// <exception cref="AmpJsonException">The line is not a JSON object.</exception>
    public static StreamMessage Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return Parse(Encoding.UTF8.GetBytes(line));
    }

    /// <summary>Reads a line in UTF-8, which is copied.</summary>
    /// <param name="line">The line.</param>
    /// <returns>The message, as from a string.</returns>
    /// <exception cref="AmpJsonException">The line is not a JSON object.</exception>
    public static StreamMessage Parse(ReadOnlySpan<byte> line)
    {
        line = line.StartsWith("\uFEFF"u8) ? line[3..] : line;
        ReadOnlySpan<byte> json = TerminalText.WithoutLeadingControls(line.Trim(" \t\r\n"u8));
        if (!MessageParser.LooksLikeJson(json) || json.IndexOf((byte)'\n') >= 0)
        {
            throw Unreadable(line, json.IndexOf((byte)'\n') < 0 ? "is not a JSON object" : "is more than one line", cause: null);
        }

        try
        {
            return new MessageParser().Parse(json);
        }
        catch (JsonException exception)
        {
            throw Unreadable(line, $"is not valid JSON (byte {exception.BytePositionInLine})", exception);
        }
    }

    /// <summary>
    /// Reads a stream, such as the standard output of a process, and returns each message when its line has arrived. A stream can have several runs, one after
    /// the other; it can also be a transcript. Text that is not JSON is ignored, as in a run.
    /// </summary>
    /// <param name="stream">The stream, in UTF-8. You close it.</param>
    /// <param name="cancellationToken">Cancels the read operation.</param>
    /// <exception cref="AmpJsonException">After the last message: a line was not valid JSON, or longer than 512 MiB. The lines before and after it were
    /// read.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public static async IAsyncEnumerable<StreamMessage> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        TranscriptParser parser = new("the stream");
        using ByteSource source = ByteSource.Of(stream);
        LineFramer framer = new(source, TranscriptReader.LongestLine);
        AmpJsonException? invalid = null;
        bool isMore = true;
        bool skips = false;
        while (isMore)
        {
            isMore = await ReadMoreAsync(framer, stream, cancellationToken).ConfigureAwait(false);
            TakeLines(framer, parser, ref skips, isEnd: !isMore);
            while (parser.TryTake(out TranscriptEntry entry))
            {
                invalid ??= entry.Error;
                if (entry.Message is not null)
                {
                    yield return entry.Message;
                }
            }
        }

        // Not at its position, because the valid messages after it would be lost.
        if (invalid is not null)
        {
            throw invalid;
        }
    }

    private static void TakeLines(LineFramer framer, TranscriptParser parser, ref bool skips, bool isEnd)
    {
        skips = skips && !framer.TrySkipLine();
        while (!skips)
        {
            if (framer.TryReadLine(out ReadOnlySpan<byte> line))
            {
                parser.Take(line, isComplete: true);
            }
            else if (framer.IsTooLong)
            {
                parser.TakeTooLong(framer.Pending[..ShownOfLine], TranscriptReader.LongestLine);
                skips = !framer.TrySkipLine();
            }
            else
            {
                break;
            }
        }

        if (isEnd)
        {
            if (!skips && !framer.Pending.IsEmpty)
            {
                parser.Take(framer.TakeRest(), isComplete: false);
            }

            parser.End();
        }
    }

    private static async ValueTask<bool> ReadMoreAsync(LineFramer framer, Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            return await framer.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }
    }

    private static AmpJsonException Unreadable(ReadOnlySpan<byte> line, string reason, JsonException? cause)
    {
        string text = TerminalText.WithoutSecrets(TerminalText.Strip(Encoding.UTF8.GetString(line)));
        string shown = TruncatedText.Shown(text, ShownOfLine);
        return new AmpJsonException($"The line {reason}: {shown}", text, cause, "Give one line of 'amp --stream-json', which is a JSON object.");
    }
}
