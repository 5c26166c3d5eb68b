using System.Threading.Channels;
using Amp.Processes;

namespace Amp.Ssh;

/// <summary>One conversation with a program on a host.</summary>
internal sealed class HostConversation : RelayStream
{
    // What a program can write before somebody reads it. The reader of a question and that of a server read at once, so it is only for one that floods.
    private const long MostHeld = 80L * 1024 * 1024;

    // On the host, each piece costs the start of some programs.
    private const int LargestPiece = 64 * 1024;

    private readonly Channel<byte[]> _received = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly MemoryStream _written = new();
    private readonly SshLink _link;
    private readonly string _id;
    private ReadOnlyMemory<byte> _rest;
    private long _held;
    private int _isEnded;

    /// <param name="link">The connection.</param>
    /// <param name="id">The ID of the conversation on the host.</param>
    public HostConversation(SshLink link, string id) => (_link, _id) = (link, id);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Takes what the program has written. It never waits.</summary>
    /// <returns>False if that is too much.</returns>
    public bool Receive(byte[] content) => Interlocked.Add(ref _held, content.Length) <= MostHeld && _received.Writer.TryWrite(content);

    /// <summary>Ends what can be read.</summary>
    public void Complete() => _received.Writer.TryComplete();

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (!await _received.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }

            if (_received.Reader.TryRead(out byte[]? next))
            {
                _rest = next;
                Interlocked.Add(ref _held, -next.Length);
            }
        }

        int length = Math.Min(buffer.Length, _rest.Length);
        _rest[..length].CopyTo(buffer);
        _rest = _rest[length..];
        return length;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int length = Math.Min(buffer.Length, LargestPiece - (int)_written.Length);
            _written.Write(buffer[..length].Span);
            buffer = buffer[length..];
            if (_written.Length == LargestPiece)
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        byte[] piece = _written.ToArray();
        _written.SetLength(0);
        if (piece.Length > 0)
        {
            await _link.SendToAsync(_id, piece, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override async Task EndAsync()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
        {
            await FlushAsync(CancellationToken.None).ConfigureAwait(false);
            await _link.SendAsync($"shut {_id}").ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush() => FlushAsync(CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
