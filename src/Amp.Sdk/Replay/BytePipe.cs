using System.Threading.Channels;
using Amp.Processes;

namespace Amp.Replay;

/// <summary>A pipe inside this process. Like one of the system, it holds little, so that its writer waits for a slow reader.</summary>
internal sealed class BytePipe : SequentialStream
{
    private const int MostChunks = 64;

    private readonly Channel<ReadOnlyMemory<byte>> _chunks = Channel.CreateBounded<ReadOnlyMemory<byte>>(MostChunks);
    private readonly SemaphoreSlim _isRead = new(0);
    private ReadOnlyMemory<byte> _rest;
    private bool _hasRead;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    /// <summary>Ends the pipe. The reader gets what was written, and then the failure, if there is one.</summary>
    public void Complete(Exception? failure = null) => _chunks.Writer.TryComplete(failure);

    /// <summary>Waits until the reader has taken what was written last, and comes for more.</summary>
    public Task WaitForReaderAsync(CancellationToken cancellationToken) => _isRead.WaitAsync(cancellationToken);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (_hasRead)
            {
                _hasRead = false;
                _isRead.Release();
            }

            if (!await _chunks.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }

            _hasRead = _chunks.Reader.TryRead(out _rest);
        }

        int length = Math.Min(buffer.Length, _rest.Length);
        _rest[..length].CopyTo(buffer);
        _rest = _rest[length..];
        return length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await _chunks.Writer.WriteAsync(buffer.ToArray(), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new IOException("The pipe has no reader anymore.");
        }
    }

    protected override void Dispose(bool disposing)
    {
        Complete();
        base.Dispose(disposing);
    }
}
