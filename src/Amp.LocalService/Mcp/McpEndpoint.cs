using System.Collections.Concurrent;
using System.Text.Json;
using Amp.LocalService.Http;
using Amp.LocalService.Json;
using Amp.LocalService.Scenarios;
using Microsoft.AspNetCore.Http;

namespace Amp.LocalService.Mcp;

/// <summary>
/// The MCP server of a scenario: streamable HTTP that answers each POST with JSON and opens no stream of its own.
/// </summary>
internal sealed class McpEndpoint(McpScenario scenario)
{
    public const string Path = "/mcp";

    private const int InvalidRequest = -32600;
    private const int UnknownMethod = -32601;
    private const int InvalidParameters = -32602;
    private const int MostKept = 1000;
    private const string OwnProtocol = "2025-06-18";

    private readonly ConcurrentQueue<McpCall> _calls = new();

    /// <summary>The last calls, oldest first.</summary>
    public IReadOnlyList<McpCall> Calls => [.. _calls];

    public async Task AnswerAsync(HttpContext context)
    {
        // The header's value is a secret to whoever tests with it: the answer names the header alone.
        if (scenario.RequiredHeaders.Keys.FirstOrDefault(name => context.Request.Headers[name] != scenario.RequiredHeaders[name]) is { } missing)
        {
            string error = $"The MCP server demands another value of the header {missing}.";
            await JsonAnswer.SendAsync(context, StatusCodes.Status401Unauthorized, new { error });
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            await JsonAnswer.SendAsync(context, StatusCodes.Status405MethodNotAllowed, new { error = "Only POST is served here." });
            return;
        }

        using JsonDocument body = JsonDocument.Parse(await RequestBody.ReadTextAsync(context.Request));
        JsonElement request = body.RootElement;
        JsonElement id = request.Member("id");
        if (request.TextOf("method") is not { } method)
        {
            await JsonAnswer.SendAsync(context, StatusCodes.Status400BadRequest, Failure(null, InvalidRequest, "No method is given."));
        }
        else if (id.ValueKind == JsonValueKind.Undefined)
        {
            // A notification wants no answer.
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }
        else
        {
            await JsonAnswer.SendAsync(context, StatusCodes.Status200OK, Answer(id, method, request.Member("params")));
        }
    }

    private object Answer(JsonElement id, string method, JsonElement parameters) => method switch
    {
        "initialize" => Success(id, new
        {
            protocolVersion = parameters.TextOf("protocolVersion") ?? OwnProtocol,
            capabilities = new { tools = new { } },
            serverInfo = new { name = "Amp.LocalService", version = "1" },
        }),
        "ping" => Success(id, new { }),
        "tools/list" => Success(id, new
        {
            tools = scenario.Tools.Select(tool => new { tool.Name, tool.Description, tool.InputSchema }),
        }),
        "tools/call" => Call(id, parameters),
        _ => Failure(id, UnknownMethod, $"The local service knows no method {method}."),
    };

    private object Call(JsonElement id, JsonElement parameters)
    {
        string? name = parameters.TextOf("name");
        if (scenario.Tools.FirstOrDefault(tool => tool.Name == name) is not { } called)
        {
            return Failure(id, InvalidParameters, $"The tool '{name}' does not exist.");
        }

        JsonElement arguments = parameters.Member("arguments");
        _calls.Enqueue(new McpCall(called.Name, arguments.ValueKind == JsonValueKind.Undefined ? "{}" : arguments.GetRawText()));
        while (_calls.Count > MostKept)
        {
            _calls.TryDequeue(out _);
        }

        return Success(id, new { content = new[] { new { type = "text", text = called.Text } }, isError = called.IsError });
    }

    private static object Success(JsonElement id, object result) => new { jsonrpc = "2.0", id, result };

    private static object Failure(JsonElement? id, int code, string message) => new { jsonrpc = "2.0", id, error = new { code, message } };
}

/// <summary>A call of a tool that the service's MCP server has answered.</summary>
/// <param name="Tool">The tool's name, as the server calls it.</param>
/// <param name="ArgumentsJson">What it was given, as JSON.</param>
public sealed record McpCall(string Tool, string ArgumentsJson);
