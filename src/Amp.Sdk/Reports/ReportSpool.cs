using System.Text;
using Amp.Files;

namespace Amp.Reports;

/// <summary>
/// Keeps the parts of a report until its summary, which comes first, is known: in memory while they are few, then in a file that has no name anymore.
/// </summary>
internal sealed class ReportSpool : IDisposable
{
    private const int LargestInMemory = 4 * 1024 * 1024;

    private readonly byte[] _bytes = new byte[64 * 1024];
    private Stream _content = new MemoryStream();

    /// <summary>Adds text.</summary>
    /// <returns>Its place.</returns>
    /// <exception cref="IOException">The temporary file cannot be written.</exception>
    public (long Offset, int Length) Append(StringBuilder text)
    {
        long start = _content.Length;
        if (start > LargestInMemory && _content is MemoryStream memory)
        {
            _content = CreateFile();
            memory.WriteTo(_content);
            memory.Dispose();
        }

        _content.Position = start;
        Encode(text, _content);
        return (start, (int)(_content.Position - start));
    }

    /// <summary>Writes text as UTF-8. Half a character at the end of a piece of the text meets its other half in the next one.</summary>
    public void Encode(StringBuilder text, Stream output)
    {
        Encoder encoder = Encoding.UTF8.GetEncoder();
        foreach (ReadOnlyMemory<char> chunk in text.GetChunks())
        {
            Encode(encoder, chunk.Span, isLast: false, output);
        }

        Encode(encoder, [], isLast: true, output);
    }

    /// <summary>Copies what was added.</summary>
    public void CopyTo(Stream output, long offset, int length)
    {
        _content.Position = offset;
        while (length > 0)
        {
            int read = _content.Read(_bytes, 0, Math.Min(length, _bytes.Length));
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            output.Write(_bytes, 0, read);
            length -= read;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _content.Dispose();

    private void Encode(Encoder encoder, ReadOnlySpan<char> text, bool isLast, Stream output)
    {
        bool isComplete;
        do
        {
            encoder.Convert(text, _bytes, isLast, out int used, out int written, out isComplete);
            text = text[used..];
            output.Write(_bytes, 0, written);
        }
        while (!isComplete);
    }

    // Where files can be deleted while they are open, it has no name from the start, and nothing is left even if the process is killed.
    private static FileStream CreateFile()
    {
        string path = Path.Combine(Path.GetTempPath(), $"amp-report-{Guid.NewGuid():N}.tmp");
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 64 * 1024,
            Options = FileOptions.DeleteOnClose,
        };
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, options);
        }

        options.UnixCreateMode = WholeFile.OwnerOnly;
        FileStream file = new(path, options);
        File.Delete(path);
        return file;
    }
}
