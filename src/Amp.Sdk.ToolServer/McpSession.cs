using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Amp.ToolServer;

/// <summary>One session: the protocol is the library's; the tools are ours.</summary>
internal sealed class McpSession : IAsyncDisposable
{
    private readonly IReadOnlyList<ServedTool> _tools;
    private readonly ITransport _transport;
    private readonly McpServer _server;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _running;

    /// <param name="transport">What carries its messages. It is disposed with the session.</param>
    /// <param name="name">The server's name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="tools">The tools that it offers.</param>
    public McpSession(ITransport transport, string name, string version, IReadOnlyList<ServedTool> tools)
    {
        _tools = tools;
        _transport = transport;
        _server = McpServer.Create(
            _transport,
            new McpServerOptions
            {
                ServerInfo = new Implementation { Name = name, Version = version },
                Capabilities = new ServerCapabilities { Tools = new ToolsCapability() },
                Handlers = new McpServerHandlers { ListToolsHandler = ListAsync, CallToolHandler = CallAsync },
            });
        _running = _server.RunAsync(_ended.Token);
    }

    /// <summary>Handles a message that came by HTTP; false where it has no answer.</summary>
    public Task<bool> PostAsync(JsonRpcMessage message, Stream response, CancellationToken cancellationToken) =>
        ((StreamableHttpServerTransport)_transport).HandlePostRequestAsync(message, response, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // Cancels the calls that are under way and waits for them.
        await _ended.CancelAsync().ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        await _transport.DisposeAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private ValueTask<ListToolsResult> ListAsync(RequestContext<ListToolsRequestParams> request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ListToolsResult
        {
            Tools =
            [
                .. _tools.Select(tool => new Tool
                {
                    Name = tool.Name,
                    Description = tool.Description,
                    InputSchema = JsonElement.Parse(tool.InputSchema),
                    Annotations = tool.IsReadOnly ? new ToolAnnotations { ReadOnlyHint = true } : null,
                }),
            ],
        });

    private async ValueTask<CallToolResult> CallAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken)
    {
        string name = request.Params?.Name ?? string.Empty;
        ServedTool tool = _tools.FirstOrDefault(tool => tool.Name == name)
            ?? throw new McpProtocolException($"There is no tool of this name: {name}", McpErrorCode.InvalidParams);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        ServedAnswer answer = await tool.Call(ArgumentsOf(request.Params!), ended.Token).ConfigureAwait(false);
        return new CallToolResult { Content = [new TextContentBlock { Text = answer.Text }], IsError = answer.IsError };
    }

    private static string ArgumentsOf(CallToolRequestParams parameters)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter writer = new(text, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            foreach ((string name, JsonElement value) in parameters.Arguments ?? new Dictionary<string, JsonElement>())
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }
}
