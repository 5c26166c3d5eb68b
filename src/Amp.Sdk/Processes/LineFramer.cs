using System.Runtime.CompilerServices;

namespace Amp.Processes;

/// <summary>
/// Splits a byte stream into lines at LF, however the bytes arrive. It does not decode characters, so one that is split between two reads
/// stays intact. A byte order mark at the start and a CR before the LF are not part of a line.
/// </summary>
internal sealed class LineFramer
{
    // Large amounts of data are read in large chunks, each of which takes a system call.
    private const int LeastRoom = 128 * 1024;

    private const int InitialSize = 2 * LeastRoom;

    // A buffer that grew for a huge line is released when it is empty.
    private const int KeptSize = 1024 * 1024;

    private const int HugeSize = 8 * 1024 * 1024;

    private readonly ByteSource _source;
    private readonly int _maxLineBytes;
    private byte[] _buffer = new byte[InitialSize];
    private int _start;
    private int _scanned;
    private int _end;
    private bool _atStart = true;

    public LineFramer(ByteSource source, int maxLineBytes)
    {
        _source = source;
        _maxLineBytes = maxLineBytes;
    }

    /// <summary>The bytes of an incomplete line.</summary>
    public ReadOnlySpan<byte> Pending => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Whether the requested line is longer than allowed, complete or not. No line follows it.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Gets the next complete line. Returns false if more must be read first, or if the line is too long.</summary>
    /// <param name="line">The line, valid until the next call of any method.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        int length = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
        int lineEnd = length < 0 ? _end : _scanned + length;
        IsTooLong = lineEnd - _start > _maxLineBytes;
        if (length < 0 || IsTooLong)
        {
            _scanned = lineEnd;
            line = default;
            return false;
        }

        line = Trim(_buffer.AsSpan(_start, lineEnd - _start));
        _start = _scanned = lineEnd + 1;
        return true;
    }

    /// <summary>Drops what is there of a line that is too long. Returns false if its end must still be read.</summary>
    public bool TrySkipLine()
    {
        int length = Pending.IndexOf((byte)'\n');
        _start = _scanned = length < 0 ? _end : _start + length + 1;
        return length >= 0;
    }

    /// <summary>Gets the text after the last LF when the stream has ended.</summary>
    public ReadOnlySpan<byte> TakeRest()
    {
        ReadOnlySpan<byte> rest = Trim(Pending);
        _start = _scanned = _end;
        return rest;
    }

    /// <summary>Waits for more bytes. Returns false at the end.</summary>
    public bool Read()
    {
        MakeRoom();
        int read = _source.Read(_buffer.AsMemory(_end));
        _end += read;
        return read > 0;
    }

    /// <summary>Reads more bytes of a file, whose errors are not its end. Returns false at the end, after which more can follow.</summary>
    public bool Read(Stream file)
    {
        MakeRoom();
        int read = file.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }

    /// <summary>Waits for more bytes of a stream without a thread. Returns false at the end.</summary>
    public async ValueTask<bool> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        MakeRoom();
        int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }

    private ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> line)
    {
        if (_atStart)
        {
            _atStart = false;
            if (line.StartsWith("\uFEFF"u8))
            {
                line = line[3..];
            }
        }

        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _scanned = _end = 0;
            if (_buffer.Length > KeptSize)
            {
                _buffer = new byte[InitialSize];
            }

            return;
        }

        // A pending line moves to the front. The buffer grows only if there is still no room.
        if (_start > 0 && _buffer.Length - _end < LeastRoom)
        {
            Pending.CopyTo(_buffer);
            _end -= _start;
            _scanned -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, LargerSize());
        }
    }

    // A huge line is moved rarely: outgrown memory is kept for a while, and unused memory is not allocated.
    private int LargerSize()
    {
        long size = _buffer.Length < HugeSize ? _buffer.Length * 2L : Math.Min(_buffer.Length * 8L, Math.Max(_maxLineBytes + (long)InitialSize, _buffer.Length * 2L));
        return checked((int)Math.Min(size, Array.MaxLength));
    }
}
