using System.Net;

namespace Amp.ToolServer;

/// <summary>
/// The body of an answer as server-sent events. Its headers are sent with the first event, so that a request that has none can still
/// be answered by a status alone.
/// </summary>
internal sealed class EventStreamResponse : Stream
{
    private readonly HttpListenerResponse _response;
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

    public override void Write(byte[] buffer, int offset, int count) => Begin().Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Begin().WriteAsync(buffer, cancellationToken);

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
