using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Amp.LocalService.Http;
using Amp.LocalService.Json;
using Amp.LocalService.Scenarios;
using Microsoft.AspNetCore.Http;

namespace Amp.LocalService.Model;

/// <summary>The Messages API of the model's provider, answered by the scenario.</summary>
internal sealed class ModelEndpoint(ScenarioPlayer player, RequestLog log, CancellationToken stopping)
{
    // Bytes that are on their way when a connection is reset get lost: a client is given the time to read them.
    private static readonly TimeSpan s_timeToRead = TimeSpan.FromSeconds(1);

    public async Task AnswerAsync(HttpContext context)
    {
        string body = await RequestBody.ReadTextAsync(context.Request);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new BadModelRequestException("The body is not a JSON object");
            }

            bool isStream = root.Member("stream").ValueKind == JsonValueKind.True;
            string? threadId = context.Request.Headers["x-amp-thread-id"];
            ModelRequest request = ModelRequestReader.Read(root, body, threadId);
            ScenarioAnswer? forced = ForcedTool.Answer(root, request);
            if (forced is null)
            {
                // Titles are asked for in parallel with the run: counted too, they would make the numbers depend on chance.
                request = log.Add(request);
            }

            await SendAsync(context, request, forced ?? player.Answer(request), isStream, cancellation.Token);
        }
        catch (BadModelRequestException exception)
        {
            await SendErrorAsync(context, new ServiceError(400) { Message = exception.Message });
        }
        catch (JsonException exception)
        {
            await SendErrorAsync(context, new ServiceError(400) { Message = $"The body is not valid JSON: {exception.Message}" });
        }
        catch (RegexMatchTimeoutException exception)
        {
            string message = $"A pattern of the scenario took too long: {exception.Pattern}";
            await SendErrorAsync(context, new ServiceError(400) { Message = message });
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private static async Task SendAsync(
        HttpContext context, ModelRequest request, ScenarioAnswer answer, bool isStream, CancellationToken cancellationToken)
    {
        await Task.Delay(answer.Hang ? Timeout.InfiniteTimeSpan : answer.Delay, cancellationToken);
        if (answer.Error is not null)
        {
            await SendErrorAsync(context, answer.Error);
            return;
        }

        if (answer.Cut == ConnectionCut.Before)
        {
            context.Abort();
            return;
        }

        context.Response.ContentType = isStream ? "text/event-stream; charset=utf-8" : "application/json";
        context.Response.Headers["request-id"] = $"req_local_{request.Number}";
        var writer = new MessageWriter(context.Response.BodyWriter, request, answer, cancellationToken);
        if (answer.Cut is not null)
        {
            await SendFirstPartAsync(context, writer, answer.Cut.Value, cancellationToken);
            return;
        }

        await (isStream ? writer.WriteAsync() : writer.WriteDocumentAsync());
    }

    private static async Task SendFirstPartAsync(
        HttpContext context, MessageWriter writer, ConnectionCut cut, CancellationToken cancellationToken)
    {
        await context.Response.StartAsync(cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
        if (cut == ConnectionCut.Middle)
        {
            await writer.WriteFirstPartAsync();
        }

        await Task.Delay(s_timeToRead, cancellationToken);
        context.Abort();
    }

    private static Task SendErrorAsync(HttpContext context, ServiceError error)
    {
        if (error.RetryAfter is { } retryAfter)
        {
            context.Response.Headers.RetryAfter = ((int)retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return JsonAnswer.SendAsync(context, error.Status, new
        {
            type = "error",
            error = new { type = error.EffectiveType, message = error.EffectiveMessage },
        });
    }
}
