using System.Text;
using Amp.Files;
using Microsoft.Win32.SafeHandles;

namespace Amp.Reports;

/// <summary>
/// Keeps the parts of a report until its summary, which comes first, is known: in memory while they are few, then in a file that has no name anymore.
/// </summary>
internal sealed class ReportSpool : IDisposable
{
    private const int BlockSize = 2 * 1024 * 1024;
    private const int WindowSize = 128 * 1024;

    private readonly byte[] _bytes = new byte[16 * 1024];
    private readonly MemoryStream _last = new();
    private SafeFileHandle? _file;
    private long _written;
    private byte[] _window = [];
    private long _windowStart;
    private int _windowLength;

    /// <summary>Adds text.</summary>
    /// <returns>Its place.</returns>
    /// <exception cref="IOException">The temporary file cannot be written.</exception>
    public (long Offset, int Length) Append(StringBuilder text)
    {
        if (_last.Length >= BlockSize)
        {
            _file ??= CreateFile();
            RandomAccess.Write(_file, _last.GetBuffer().AsSpan(0, (int)_last.Length), _written);
            _written += _last.Length;
            _last.SetLength(0);
        }

        long start = _last.Length;
        Encode(text, _last);
        return (_written + start, (int)(_last.Length - start));
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
    /// <exception cref="IOException">The temporary file cannot be read, or the output cannot be written.</exception>
    public void CopyTo(Stream output, long offset, int length)
    {
        while (length > 0 && offset < _written)
        {
            if (offset < _windowStart || offset >= _windowStart + _windowLength)
            {
                _window = _window.Length == 0 ? new byte[WindowSize] : _window;
                _windowStart = offset;
                _windowLength = RandomAccess.Read(_file!, _window, offset);
                if (_windowLength == 0)
                {
                    throw new EndOfStreamException();
                }
            }

            int at = (int)(offset - _windowStart);
            int count = (int)Math.Min(Math.Min(length, _windowLength - at), _written - offset);
            output.Write(_window, at, count);
            offset += count;
            length -= count;
        }

        if (length > 0)
        {
            output.Write(_last.GetBuffer(), (int)(offset - _written), length);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _last.Dispose();
    }

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
    private static SafeFileHandle CreateFile()
    {
        string path = Path.Combine(Path.GetTempPath(), $"amp-report-{Guid.NewGuid():N}.tmp");
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete, Options = FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = WholeFile.OwnerOnly;
        }

        // The stream only owns the handle. It is not read or written, so that both sides have no second position.
        FileStream file = new(path, options);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path);
        }

        return file.SafeFileHandle;
    }
}
