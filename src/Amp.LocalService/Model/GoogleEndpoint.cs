using System.Text.Json;
using System.Text.RegularExpressions;
using Amp.LocalService.Http;
using Amp.LocalService.Json;
using Amp.LocalService.Scenarios;
using Microsoft.AspNetCore.Http;

namespace Amp.LocalService.Model;

/// <summary>
/// Google's <c>generateContent</c>, which the CLI's reviewer asks: answered by the scenario's texts. Tool calls of a scenario are left
/// out, and nothing is recorded.
/// </summary>
internal sealed class GoogleEndpoint(ScenarioPlayer player)
{
    private const string Method = ":generateContent";

    public async Task AnswerAsync(HttpContext context)
    {
        string model = context.Request.Path.Value!.Split('/')[^1];
        if (!model.EndsWith(Method, StringComparison.Ordinal))
        {
            await SendErrorAsync(context, StatusCodes.Status404NotFound, $"The local service knows no {model}");
            return;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(await RequestBody.ReadTextAsync(context.Request));
            ScenarioAnswer answer = player.Answer(Read(document.RootElement, model[..^Method.Length]));
            await Task.Delay(answer.Hang ? Timeout.InfiniteTimeSpan : answer.Delay, context.RequestAborted);
            if (answer.Error is { } error)
            {
                await SendErrorAsync(context, error.Status, error.EffectiveMessage);
                return;
            }

            string text = string.Concat(answer.Blocks.Where(block => block is TextBlock or RepeatedTextBlock).Select(BlockText.Whole));
            await JsonAnswer.SendAsync(context, StatusCodes.Status200OK, new
            {
                candidates = new[] { new { content = new { role = "model", parts = new[] { new { text } } }, finishReason = "STOP", index = 0 } },
                usageMetadata = new { promptTokenCount = 10, candidatesTokenCount = 20, totalTokenCount = 30 },
            });
        }
        catch (JsonException exception)
        {
            await SendErrorAsync(context, StatusCodes.Status400BadRequest, $"The body is not valid JSON: {exception.Message}");
        }
        catch (RegexMatchTimeoutException exception)
        {
            await SendErrorAsync(context, StatusCodes.Status400BadRequest, $"A pattern of the scenario took too long: {exception.Pattern}");
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private static ModelRequest Read(JsonElement root, string model)
    {
        JsonElement[] contents = [.. root.Member("contents").Items()];
        return new ModelRequest
        {
            ReceivedAt = DateTimeOffset.UtcNow,
            Model = model,
            Prompts = [.. contents.Where(content => content.TextOf("role") != "model").Select(Text)],
            Step = 0,
            OfferedTools = [],
            SystemPrompt = Text(root.Member("systemInstruction")),
            MessageCount = contents.Length,
        };
    }

    private static string Text(JsonElement content) => string.Concat(content.Member("parts").Items().Select(part => part.TextOf("text")));

    private static Task SendErrorAsync(HttpContext context, int status, string message) =>
        JsonAnswer.SendAsync(context, status, new { error = new { code = status, message, status = "INVALID_ARGUMENT" } });
}
