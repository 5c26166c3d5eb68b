using System.Collections.Concurrent;
using ModelContextProtocol.Server;

namespace Amp.ToolServer;

/// <summary>An MCP server over streams, for a client that has one to this process. Each pair of streams is a session.</summary>
internal sealed class StreamServer : IAsyncDisposable
{
    // For calls that do not mind their token.
    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(2);

    private readonly string _name;
    private readonly string _version;
    private readonly IReadOnlyList<ServedTool> _tools;
    private readonly ConcurrentDictionary<Task, bool> _sessions = new();
    private readonly CancellationTokenSource _closing = new();

    /// <param name="name">The server's name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="tools">The tools that it offers.</param>
    public StreamServer(string name, string version, IReadOnlyList<ServedTool> tools) => (_name, _version, _tools) = (name, version, tools);

    /// <summary>Serves a client until its stream ends or the server is closed; calls that are under way are canceled then. Never throws.</summary>
    /// <param name="input">What the client says.</param>
    /// <param name="output">What it is answered.</param>
    public async Task ServeAsync(Stream input, Stream output)
    {
        TaskCompletionSource served = new();
        _sessions[served.Task] = true;
        using ClientStream said = new(input);
        try
        {
            McpSession session = new(new StreamServerTransport(said, output, _name), _name, _version, _tools);
            await Task.WhenAny(said.Ended, Task.Delay(Timeout.Infinite, _closing.Token)).ConfigureAwait(false);
            await session.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The client has gone, and there is nobody to tell anything else.
        }
        finally
        {
            _sessions.TryRemove(served.Task, out _);
            served.SetResult();
        }
    }

    /// <summary>Cancels the calls that are under way and waits for them, for two seconds at most.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(_sessions.Keys), Task.Delay(s_closeLimit)).ConfigureAwait(false);
    }

    /// <summary>What a client says, up to its end or to a line that is too long.</summary>
    private sealed class ClientStream(Stream stream) : Stream
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _length;

        public Task Ended => _ended.Task;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            int end = buffer.Span[..count].LastIndexOf((byte)'\n');
            _length = end < 0 ? _length + count : count - end - 1;
            if (count == 0 || _length > RequestGuard.LongestBody)
            {
                _ended.TrySetResult();
                return 0;
            }

            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

        public override void Flush()
        {
        }

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
