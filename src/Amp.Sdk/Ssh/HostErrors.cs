using System.Globalization;
using System.Text;
using Amp.Processes;

namespace Amp.Ssh;

/// <summary>
/// The standard error of a connection. What comes before the first line of the script is not the CLI's, and its last line is the exit code of the CLI.
/// </summary>
internal sealed class HostErrors : Stream
{
    private const int MostNoise = 64 * 1024;
    private const int LongestCode = 16;

    private readonly Stream _stream;
    private readonly byte[] _first;
    private readonly byte[] _last;
    private readonly MemoryStream _noise = new();
    private readonly TaskCompletionSource<ProcessExit?> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _held = [];

    /// <param name="stream">The standard error of the SSH client.</param>
    /// <param name="marker">Begins the lines of the script.</param>
    public HostErrors(Stream stream, string marker)
    {
        _stream = stream;
        _first = Encoding.ASCII.GetBytes($"{marker}\n");
        _last = Encoding.ASCII.GetBytes($"\n{marker} exit ");
        Begun = BeginAsync();
    }

    /// <summary>Completes when the script has begun, or when the stream has ended without it.</summary>
    public Task Begun { get; }

    /// <summary>Completes with the exit of the CLI as the host told it, or with null when the stream has ended without it.</summary>
    public Task<ProcessExit?> Told => _told.Task;

    /// <summary>What was written before the script began.</summary>
    public string Noise
    {
        get
        {
            lock (_noise)
            {
                return Encoding.UTF8.GetString(_noise.GetBuffer(), 0, (int)_noise.Length);
            }
        }
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Begun.WaitAsync(cancellationToken).ConfigureAwait(false);
        while (!_told.Task.IsCompleted)
        {
            int free = Free(out bool isLast);
            if (isLast)
            {
                return Give(free, buffer);
            }

            if (free > 0)
            {
                return Give(Math.Min(free, buffer.Length), buffer);
            }

            byte[] more = new byte[16 * 1024];
            int read = await _stream.ReadAsync(more, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                _told.TrySetResult(null);
                return Give(Math.Min(_held.Length, buffer.Length), buffer);
            }

            _held = [.. _held, .. more[..read]];
        }

        return Give(Math.Min(_held.Length, buffer.Length), buffer);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // The bytes that are certainly the CLI's. Of a last line that has come completely, only what stands before it.
    private int Free(out bool isLast)
    {
        isLast = false;
        int at = _held.AsSpan().IndexOf(_last);
        if (at >= 0)
        {
            int end = _held.AsSpan(at + _last.Length).IndexOf((byte)'\n');
            if (end >= 0 && end <= LongestCode
                && int.TryParse(Encoding.ASCII.GetString(_held, at + _last.Length, end), NumberStyles.None, CultureInfo.InvariantCulture, out int code))
            {
                isLast = true;
                _held = _held[..at];
                _told.TrySetResult(ProcessExit.FromShell(code));
                return at;
            }

            return at;
        }

        for (int length = Math.Min(_last.Length - 1, _held.Length); length > 0; length--)
        {
            if (_held.AsSpan(_held.Length - length).SequenceEqual(_last.AsSpan(0, length)))
            {
                return _held.Length - length;
            }
        }

        return _held.Length;
    }

    private int Give(int count, Memory<byte> buffer)
    {
        count = Math.Min(count, buffer.Length);
        _held.AsSpan(0, count).CopyTo(buffer.Span);
        _held = _held[count..];
        return count;
    }

    private async Task BeginAsync()
    {
        byte[] buffer = new byte[4096];
        byte[] seen = [];
        try
        {
            int read;
            while ((read = await _stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                seen = [.. seen, .. buffer[..read]];
                int at = seen.AsSpan().IndexOf(_first);
                if (at >= 0)
                {
                    Keep(seen.AsSpan(0, at));
                    _held = seen[(at + _first.Length)..];
                    return;
                }

                int rest = Math.Max(0, seen.Length - _first.Length);
                Keep(seen.AsSpan(0, rest));
                seen = seen[rest..];
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The connection was closed from this side.
        }

        Keep(seen);
        _told.TrySetResult(null);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_noise)
        {
            _noise.Write(bytes[..(int)Math.Min(bytes.Length, MostNoise - _noise.Length)]);
        }
    }
}
