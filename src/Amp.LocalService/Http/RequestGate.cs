using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amp.LocalService.Actors;
using Amp.LocalService.Mcp;
using Microsoft.AspNetCore.Http;

namespace Amp.LocalService.Http;

/// <summary>Every request passes here: strangers are refused, and what goes wrong further on becomes an answer.</summary>
internal sealed class RequestGate(string? apiKey, Action<string>? log)
{
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await (Refusal(context) is { } refusal
                ? JsonAnswer.SendAsync(context, refusal.Status, new { error = refusal.Message })
                : next(context));
        }
        catch (BadHttpRequestException exception)
        {
            await AnswerFailureAsync(context, exception.StatusCode, exception.Message);
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            await AnswerFailureAsync(context, StatusCodes.Status400BadRequest, exception.Message);
        }
        catch (Exception exception) when (exception is OperationCanceledException || context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception exception)
        {
            // One request that nobody foresaw must not end a run that others still need; the client shows the reason.
            log?.Invoke(exception.ToString());
            await AnswerFailureAsync(context, StatusCodes.Status500InternalServerError, exception.Message);
        }
        finally
        {
            log?.Invoke($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Response.StatusCode}");
        }
    }

    private (int Status, string Message)? Refusal(HttpContext context)
    {
        // A page in the user's browser can make a name of its own point at this address.
        if (!IsLoopback(context.Request.Host.Host))
        {
            return (StatusCodes.Status403Forbidden, "Only loopback addresses are served.");
        }

        if (IsForeign(context.Request))
        {
            return (StatusCodes.Status403Forbidden, "Pages of other origins are not served.");
        }

        bool isSocketPath = context.Request.Path.StartsWithSegments(ThreadActorEndpoint.WebSocketPath);
        if (context.Request.Headers.Upgrade.Count > 0 && !isSocketPath)
        {
            return (StatusCodes.Status501NotImplemented, "WebSockets are not served here.");
        }

        // The MCP server has headers of its own, among them often the one that the key would be in; a socket shows its thread's token.
        return apiKey is null || isSocketPath || context.Request.Path == McpEndpoint.Path || KeyOf(context.Request) is { } key && IsSame(key, apiKey)
            ? null
            : (StatusCodes.Status401Unauthorized, "Invalid API key");
    }

    // A browser names the page's origin; the CLI names none, or the service itself. A browser lets any page open a WebSocket.
    private static bool IsForeign(HttpRequest request) =>
        request.Headers.Origin is { Count: > 0 } origin && origin != $"http://{request.Host}";

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static string? KeyOf(HttpRequest request)
    {
        const string Bearer = "Bearer ";
        string authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? authorization[Bearer.Length..].Trim()
            : request.Headers["x-api-key"];
    }

    private static bool IsSame(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    private static Task AnswerFailureAsync(HttpContext context, int status, string message)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        return JsonAnswer.SendAsync(context, status, new { error = message });
    }
}
