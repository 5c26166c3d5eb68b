using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Amp.ToolServer;

/// <summary>
/// An MCP server over HTTP on 127.0.0.1, at a free port, for one client that knows its token. <see cref="HttpListener"/> is a part of
/// .NET itself; PowerShell has no ASP.NET.
/// </summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private const int Attempts = 20;

    // For calls that do not mind their token, and for clients that do not read: closing such a connection waits for its client.
    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(2);

    // What belongs to a refused request is on its way when its head is here.
    private static readonly TimeSpan s_restLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_signOfLife = TimeSpan.FromSeconds(30);

    private readonly HttpListener _listener;
    private readonly McpSessions _sessions;
    private readonly RequestGuard _guard;
    private readonly ConcurrentDictionary<Task, bool> _requests = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;
    private int _isClosed;

    private LoopbackServer(HttpListener listener, int port, McpSessions sessions)
    {
        _listener = listener;
        _sessions = sessions;
        Token = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

        // On Windows, programs share a port, and a request goes to the program with the longest prefix of its path: nobody can know this one.
        string path = $"/{Convert.ToHexString(RandomNumberGenerator.GetBytes(16))}/mcp";
        Url = $"http://127.0.0.1:{port}{path}";
        _guard = new RequestGuard(port, path, Token);
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Url { get; }

    /// <summary>What a client says in its <c>Authorization</c> header, behind <c>Bearer</c>. Made for this server alone.</summary>
    public string Token { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="name">The server's name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="tools">The tools that it offers.</param>
    /// <param name="signOfLife">How often a client is told that its call is under way; every 30 seconds by default.</param>
    /// <param name="freePort">Finds a port that is free; null for one that the system chooses.</param>
    /// <exception cref="IOException">There is no port to listen at.</exception>
    public static LoopbackServer Start(
        string name, string version, IReadOnlyList<ServedTool> tools, TimeSpan? signOfLife = null, Func<int>? freePort = null)
    {
        for (int attempt = 1; ; attempt++)
        {
            HttpListener? listener = null;
            try
            {
                // HttpListener takes no port 0, so another process may be faster at the port that was free a moment ago.
                int port = freePort is null ? FreePort() : freePort();
                listener = new HttpListener();
                listener.Prefixes.Add($"http://127.0.0.1:{port}/");
                listener.Start();
                return new LoopbackServer(listener, port, new McpSessions(name, version, tools, signOfLife ?? s_signOfLife));
            }
            catch (Exception exception) when (exception is HttpListenerException or SocketException)
            {
                listener?.Close();
                if (attempt == Attempts)
                {
                    throw new IOException($"Listening on a port of 127.0.0.1 failed: {exception.Message}", exception);
                }
            }
        }
    }

    /// <summary>Closes the port, cancels the calls that are under way and waits for them, for two seconds at most.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        Task closed = Task.Run(CloseAsync);
        if (await Task.WhenAny(closed, Task.Delay(s_closeLimit)).ConfigureAwait(false) == closed)
        {
            await closed.ConfigureAwait(false);
        }
    }

    private async Task CloseAsync()
    {
        // The port first: no call can come in behind those that are waited for.
        await _closing.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _accepting.ConfigureAwait(false);
        await _sessions.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_requests.Keys).ConfigureAwait(false);

        // To give up a prefix, the listener would bind its port once more, which may be somebody else's by now.
        _listener.Prefixes.Clear();
        _listener.Close();
        _closing.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task AcceptAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                if (_closing.IsCancellationRequested || !_listener.IsListening)
                {
                    return;
                }

                continue;
            }

            Task answering = Task.Run(() => AnswerAsync(context));
            _requests[answering] = true;
            _ = answering.ContinueWith(
                done => _requests.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    // Never throws: whatever one request does, the next one is answered.
    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            if (_guard.Refusal(context.Request) is HttpStatusCode refused)
            {
                await RefuseAsync(context, refused).ConfigureAwait(false);
                return;
            }

            await (context.Request.HttpMethod == "DELETE"
                ? DeleteAsync(context)
                : PostAsync(context)).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Mostly the client has gone, or the server is closed; and there is nobody to tell anything else.
            context.Response.Abort();
        }
    }

    private async Task PostAsync(HttpListenerContext context)
    {
        byte[]? body = await RequestGuard.ReadBodyAsync(context.Request, _closing.Token).ConfigureAwait(false);
        if (body is null)
        {
            await RefuseAsync(context, HttpStatusCode.RequestEntityTooLarge).ConfigureAwait(false);
            return;
        }

        HttpStatusCode status = await _sessions.PostAsync(
            body,
            context.Request.Headers[McpSessions.Header],
            new EventStreamResponse(context.Response),
            _closing.Token).ConfigureAwait(false);
        if (status == HttpStatusCode.OK)
        {
            context.Response.Close();
        }
        else
        {
            Close(context.Response, status);
        }
    }

    private async Task DeleteAsync(HttpListenerContext context) => Close(
        context.Response,
        await _sessions.EndAsync(context.Request.Headers[McpSessions.Header]).ConfigureAwait(false)
            ? HttpStatusCode.NoContent
            : HttpStatusCode.NotFound);

    // To close a connection in peace, the listener reads what is still to come, on a thread that waits, however slowly it comes. So who does not
    // end soon is cut off behind the answer.
    private async Task RefuseAsync(HttpListenerContext context, HttpStatusCode status)
    {
        if (!context.Request.HasEntityBody || await EndsSoonAsync(context.Request.InputStream).ConfigureAwait(false))
        {
            Close(context.Response, status);
            return;
        }

        context.Response.StatusCode = (int)status;
        context.Response.KeepAlive = false;
        context.Response.ContentLength64 = 0;
        await context.Response.OutputStream.DisposeAsync().ConfigureAwait(false);
        context.Response.Abort();
    }

    private async Task<bool> EndsSoonAsync(Stream body)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        limit.CancelAfter(s_restLimit);
        byte[] buffer = new byte[64 * 1024];
        int total = 0;
        try
        {
            while (total <= RequestGuard.LongestBody)
            {
                Task<int> reading = body.ReadAsync(buffer, 0, buffer.Length, CancellationToken.None);
                _ = reading.ContinueWith(
                    static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                int count = await reading.WaitAsync(limit.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    return true;
                }

                total += count;
            }
        }
        catch (OperationCanceledException)
        {
            // It drips, or the server closes.
        }

        return false;
    }

    private static void Close(HttpListenerResponse response, HttpStatusCode status)
    {
        response.StatusCode = (int)status;
        if (status == HttpStatusCode.Unauthorized)
        {
            response.AddHeader("WWW-Authenticate", "Bearer");
        }

        response.ContentLength64 = 0;
        response.Close();
    }
}
