using System.Net;

namespace Amp.ToolServer;

/// <summary>
/// The body of an answer as server-sent events. Its headers are sent with the first event, so that a request that has none can still
/// be answered by a status alone.
/// </summary>
internal sealed class EventStreamResponse : Stream
{
    // A comment, which clients pass over, as an event of its own.
    private static readonly byte[] s_signOfLife = ":\n\n"u8.ToArray();

    private readonly HttpListenerResponse _response;
    private readonly SemaphoreSlim _writing = new(1);
    private byte _last = (byte)'\n';
    private bool _isBetweenEvents = true;
    private bool _hasBegun;

    public EventStreamResponse(HttpListenerResponse response) => _response = response;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Sets the header by which the client tells the session from now on.</summary>
    public void SetSession(string id) => _response.AddHeader(McpSessions.Header, id);

    /// <summary>
    /// Lets the client hear from time to time that the answer is still to come, until the token is cancelled. Node, which the CLIs of
    /// early 2026 run on, gives an answer up of which it has heard nothing for five minutes.
    /// </summary>
    public async Task KeepAliveAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    if (_isBetweenEvents)
                    {
                        await Begin().WriteAsync(s_signOfLife, CancellationToken.None).ConfigureAwait(false);
                        await _response.OutputStream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
                    }
                }
                finally
                {
                    _writing.Release();
                }
            }
        }
        catch (Exception)
        {
            // The answer has come, or the client has gone; what is written next says so.
        }
    }

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Begin().WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
            Note(buffer.Span);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        if (_hasBegun)
        {
            _response.OutputStream.Flush();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _hasBegun ? _response.OutputStream.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    // An event ends with an empty line.
    private void Note(ReadOnlySpan<byte> written)
    {
        if (!written.IsEmpty)
        {
            byte before = written.Length > 1 ? written[^2] : _last;
            _last = written[^1];
            _isBetweenEvents = _last == (byte)'\n' && before == (byte)'\n';
        }
    }

    private Stream Begin()
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            _response.ContentType = "text/event-stream";
            _response.AddHeader("Cache-Control", "no-cache");
            _response.SendChunked = true;
        }

        return _response.OutputStream;
    }
}
