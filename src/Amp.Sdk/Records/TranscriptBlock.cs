using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using Amp.Files;
using Amp.Text;

namespace Amp.Records;

/// <summary>
/// Whole lines on their way to a transcript. They are written together, without secrets, by one call of the system. Everything happens under the lock of the
/// writer, which late writes take too.
/// </summary>
internal sealed class TranscriptBlock : IDisposable
{
    // One system call for many lines of a fast run, and still small enough for the cache of the processor.
    private const int Size = 64 * 1024;

    // A block that grew for a huge line is released when it is written.
    private const int KeptSize = 1024 * 1024;

    private const int LongestDelay = 50;

    // The first byte is a line break, which is written only if it is needed.
    private const int Empty = 1;

    private readonly object _lock;
    private readonly AppendFile _file;
    private readonly Timer _timer;
    private readonly ArrayBufferWriter<byte> _safe = new();
    private readonly ArrayBufferWriter<byte> _safeLine = new();
    private readonly byte[] _withheld;
    private SecretRedactor _redactor;
    private SecretSearch _search;
    private byte[] _bytes = NewBytes(Size + (Size / 2));
    private int _count = Empty;
    private long _length;
    private bool _isShared;
    private long _flushedAt;
    private bool _isTimed;
    private bool _isClosed;
    private ExceptionDispatchInfo? _failure;

    /// <param name="writerLock">The lock of the writer.</param>
    /// <param name="file">The file, which this object closes.</param>
    /// <param name="redactor">Removes secrets.</param>
    /// <param name="withheld">The line that replaces one whose secrets cannot be removed.</param>
    public TranscriptBlock(object writerLock, AppendFile file, SecretRedactor redactor, string withheld)
    {
        _withheld = Encoding.UTF8.GetBytes(withheld);
        _isShared = file.Length > 0;
        _lock = writerLock;
        _file = file;
        _redactor = redactor;
        _search = redactor.ToSearch();
        _timer = new Timer(static state => ((TranscriptBlock)state!).FlushLate(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Throws the earlier failure, if there was one.</summary>
    public void RefuseBroken()
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        _failure?.Throw();
    }

    /// <summary>Forgets the earlier failure, for a last attempt. What could not be written is lost, and an incomplete line.</summary>
    public void Retry()
    {
        _failure = null;
        _isShared = true;
        _count = _bytes.AsSpan(0, _count).LastIndexOf((byte)'\n') + 1;
    }

    /// <summary>Replaces the known secrets.</summary>
    public void Hide(SecretRedactor redactor)
    {
        Flush();
        _redactor = redactor;
        _search = redactor.ToSearch();
    }

    /// <summary>Begins a line.</summary>
    /// <param name="bytes">The maximum length of the line.</param>
    public void Begin(int bytes)
    {
        if (_count > Empty && _count + bytes > _bytes.Length)
        {
            Flush();
        }

        if (Empty + bytes > _bytes.Length)
        {
            _bytes = NewBytes(Empty + bytes);
        }
    }

    /// <summary>Adds to the line.</summary>
    public void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(_count));
        _count += bytes.Length;
    }

    /// <summary>Adds a number to the line.</summary>
    public void Put(long number)
    {
        _ = System.Buffers.Text.Utf8Formatter.TryFormat(number, _bytes.AsSpan(_count), out int length);
        _count += length;
    }

    /// <summary>Ends a line.</summary>
    /// <param name="isUrgent">Whether it is written to the file at once.</param>
    public void End(bool isUrgent)
    {
        if (isUrgent || _count >= Size)
        {
            Flush();
        }
        else if (!_isTimed)
        {
            _isTimed = true;
            _timer.Change(LongestDelay, Timeout.Infinite);
        }
    }

    /// <summary>Writes to the file what is held, unless that has just happened.</summary>
    public void Idle()
    {
        if (_failure is null && !_isClosed && Environment.TickCount64 - _flushedAt >= LongestDelay)
        {
            Flush();
        }
    }

    /// <summary>Writes to the file what is held.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Flush()
    {
        if (_count == Empty)
        {
            return;
        }

        try
        {
            // Another run may write to the same file, and leave half a line if its process is killed.
            _isShared |= _file.Length != _length;
            ReadOnlySpan<byte> block = _bytes.AsSpan(_isShared ? 0 : Empty, _count - (_isShared ? 0 : Empty));
            block = _search.MayFind(block) ? WithoutSecrets(block) : block;
            _file.Append(block);
            _length += block.Length;
        }
        catch (Exception exception)
        {
            // Half a line may be in the file, and nothing must follow it.
            _failure = ExceptionDispatchInfo.Capture(exception);
            throw;
        }
        finally
        {
            _count = Empty;
            _flushedAt = Environment.TickCount64;
            _bytes = _bytes.Length > KeptSize ? NewBytes(Size + (Size / 2)) : _bytes;
        }
    }

    public void Dispose()
    {
        if (_isClosed)
        {
            return;
        }

        try
        {
            if (_failure is null)
            {
                Flush();
            }
        }
        catch (Exception)
        {
            // What must not be lost is written by a call that reports it.
        }

        _isClosed = true;
        _timer.Dispose();
        _file.Dispose();
    }

    private void FlushLate()
    {
        lock (_lock)
        {
            _isTimed = false;
            if (_isClosed || _failure is not null)
            {
                return;
            }

            try
            {
                Flush();
            }
            catch (Exception)
            {
                // The next call throws it. On the thread of a timer, it would end the process.
            }
        }
    }

    private ReadOnlySpan<byte> WithoutSecrets(ReadOnlySpan<byte> block)
    {
        _safe.ResetWrittenCount();
        while (!block.IsEmpty)
        {
            int end = block.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = block[..end];
            _safe.Write(_search.MayFind(line) ? WithoutSecret(line) : line);
            _safe.Write("\n"u8);
            block = block[(end + 1)..];
        }

        return _safe.WrittenSpan;
    }

    private ReadOnlySpan<byte> WithoutSecret(ReadOnlySpan<byte> line)
    {
        _safeLine.ResetWrittenCount();
        try
        {
            RedactedLine.Write(line, _redactor, _safeLine);
            return _safeLine.WrittenSpan;
        }
        catch (JsonException)
        {
            return _withheld;
        }
    }

    private static byte[] NewBytes(int size)
    {
        byte[] bytes = new byte[size];
        bytes[0] = (byte)'\n';
        return bytes;
    }
}
