using System.Threading.Channels;
using Amp.Processes;

namespace Amp.Ssh;

/// <summary>One conversation with a program on a host.</summary>
internal sealed class HostConversation : RelayStream
{
    // On the host, each piece costs the start of some programs.
    private const int LargestPiece = 64 * 1024;

    private readonly Channel<byte[]> _received = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly MemoryStream _written = new();
    private readonly SshLink _link;
    private readonly string _id;
    private readonly Func<int, bool> _hold;
    private readonly object _gate = new();
    private ReadOnlyMemory<byte> _rest;
    private int _held;
    private bool _isReleased;
    private bool _isBegun;
    private int _isEnded;

    /// <param name="link">The connection.</param>
    /// <param name="id">The ID of the conversation on the host.</param>
    /// <param name="hold">Takes the number of bytes that are held from now on, or no longer if it is negative; false if that is too much.</param>
    public HostConversation(SshLink link, string id, Func<int, bool> hold) => (_link, _id, _hold) = (link, id, hold);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <summary>Takes what the program has written. It never waits.</summary>
    /// <returns>False if that is too much.</returns>
    public bool Receive(byte[] content)
    {
        lock (_gate)
        {
            if (_isReleased)
            {
                return true;
            }

            _held += content.Length;
            return _hold(content.Length) && _received.Writer.TryWrite(content);
        }
    }

    /// <summary>Nothing will be read anymore.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _isReleased = true;
            _received.Writer.TryComplete();
            while (_received.Reader.TryRead(out _))
            {
            }

            _hold(-_held);
            _held = 0;
        }
    }

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
                lock (_gate)
                {
                    if (!_isReleased)
                    {
                        _held -= next.Length;
                        _hold(-next.Length);
                    }
                }
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
                // Half of what is written would break what comes after it. So it can be canceled only before its first piece.
                if (!_isBegun)
                {
                    Check(cancellationToken);
                    _isBegun = true;
                }

                await SendAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        bool isBegun = _isBegun;
        _isBegun = false;
        if (!isBegun)
        {
            Check(cancellationToken);
        }

        await SendAsync(isBegun ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
    }

    private void Check(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            _written.SetLength(0);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
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
}
