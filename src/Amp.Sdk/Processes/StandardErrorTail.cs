using System.Text;
using Amp.Text;

namespace Amp.Processes;

/// <summary>Reads a child's standard error from the start, so that the child never waits for a full pipe, and keeps its end.</summary>
internal sealed class StandardErrorTail
{
    /// <summary>The number of bytes that are kept.</summary>
    public const int Capacity = 64 * 1024;

    private const int ShownInMessage = 1000;

    private readonly object _gate = new();
    private readonly byte[] _ring = new byte[Capacity];
    private long _total;

    /// <summary>Whether more was written than is kept.</summary>
    public bool IsTruncated
    {
        get
        {
            lock (_gate)
            {
                return _total > Capacity;
            }
        }
    }

    /// <summary>
    /// The end of the text, without control sequences, in whole characters; if it is cut, it starts at the beginning of a line, or within
    /// a very long one. To show it, use <see cref="Shown"/>.
    /// </summary>
    public string Text => Read(out _);

    /// <summary>The same without secrets, for an error or a log.</summary>
    public string Shown(SecretRedactor redactor)
    {
        string text = redactor.Redact(Read(out bool isWithinLine));

        // Its beginning may be the end of a secret, which is not recognized.
        return isWithinLine ? text[TruncatedText.StartAfter(text, Math.Min(text.Length, StandardErrorLines.LongestSecret))..] : text;
    }

    private string Read(out bool isWithinLine)
    {
        byte[] bytes;
        bool isTruncated;
        lock (_gate)
        {
            isTruncated = _total > Capacity;
            int length = (int)Math.Min(_total, Capacity);
            int start = _total > Capacity ? (int)(_total % Capacity) : 0;
            bytes = new byte[length];
            Array.Copy(_ring, start, bytes, 0, Math.Min(length, Capacity - start));
            Array.Copy(_ring, 0, bytes, Math.Min(length, Capacity - start), length - Math.Min(length, Capacity - start));
        }

        int lineEnd = isTruncated ? bytes.AsSpan().IndexOf((byte)'\n') : -1;
        int first = lineEnd < bytes.Length - 1 ? lineEnd + 1 : 0;
        isWithinLine = isTruncated && first == 0;
        while (first < bytes.Length && (bytes[first] & 0xC0) == 0x80)
        {
            first++;
        }

        return TerminalText.Strip(Encoding.UTF8.GetString(bytes.AsSpan(first))).Trim();
    }

    /// <summary>A sentence that quotes the text in an error message; empty if there is no text.</summary>
    public static string Quoted(string standardError)
    {
        string text = standardError.Trim();
        if (text.Length == 0)
        {
            return string.Empty;
        }

        // The end is the most useful part. The whole text is a property of the exception.
        return " It wrote: " + TruncatedText.ShownEnd(text, ShownInMessage);
    }

    /// <summary>Reads until the stream ends; <paramref name="received"/> is called for each chunk before the next one is read.</summary>
    public async Task DrainAsync(Stream stream, Action<ReadOnlyMemory<byte>> received)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                Append(buffer.AsSpan(0, read));
                received(buffer.AsMemory(0, read));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // This process closed the pipe at the end of the run.
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (bytes.Length > Capacity)
            {
                _total += bytes.Length - Capacity;
                bytes = bytes[^Capacity..];
            }

            int position = (int)(_total % Capacity);
            int first = Math.Min(bytes.Length, Capacity - position);
            bytes[..first].CopyTo(_ring.AsSpan(position));
            bytes[first..].CopyTo(_ring);
            _total += bytes.Length;
        }
    }
}
