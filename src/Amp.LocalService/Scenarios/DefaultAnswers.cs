using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.LocalService.Model;

namespace Amp.LocalService.Scenarios;

/// <summary>
/// What the model does without a script: it runs what <c>RUN:Tool {input}END</c> in a prompt asks for, reports results, and
/// echoes the rest.
/// </summary>
internal static class DefaultAnswers
{
    private const string CallStart = "RUN:";
    private const string CallEnd = "END";

    public static ScenarioAnswer Answer(ModelRequest request)
    {
        if (request.LastToolResultsJson.Count > 0)
        {
            return ScenarioAnswer.Of(new TextBlock("Result: " + string.Join('\n', request.LastToolResultsJson)));
        }

        var blocks = new List<AnswerBlock>();
        if (request.Prompt.StartsWith("THINK", StringComparison.Ordinal))
        {
            blocks.Add(new ThinkingBlock("let me think"));
        }

        List<ToolBlock> calls = FindCalls(request.Prompt);
        blocks.Add(new TextBlock(calls.Count == 0
            ? "Echo: " + request.Prompt
            : "Calling " + string.Join(", ", calls.Select(call => call.Name))));
        blocks.AddRange(calls);
        return new ScenarioAnswer { Blocks = blocks };
    }

    private static List<ToolBlock> FindCalls(string prompt)
    {
        var calls = new List<ToolBlock>();
        int position = 0;
        while ((position = prompt.IndexOf(CallStart, position, StringComparison.Ordinal)) >= 0)
        {
            position += CallStart.Length;
            if (ReadCall(prompt, position) is { } call)
            {
                calls.Add(call.Tool);
                position = call.End;
            }
        }

        return calls;
    }

    // The input is read as JSON instead of up to the next END, so that an input may itself hold that word.
    private static (ToolBlock Tool, int End)? ReadCall(string prompt, int start)
    {
        int space = prompt.IndexOf(' ', start);
        if (space <= start)
        {
            return null;
        }

        byte[] rest = Encoding.UTF8.GetBytes(prompt[space..]);
        var reader = new Utf8JsonReader(rest);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            reader.Skip();
            int inputLength = Encoding.UTF8.GetCharCount(rest, 0, (int)reader.BytesConsumed);
            int end = space + inputLength;
            return string.CompareOrdinal(prompt, end, CallEnd, 0, CallEnd.Length) == 0
                ? (new ToolBlock(prompt[start..space], JsonNode.Parse(prompt[space..end])!.AsObject()), end + CallEnd.Length)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
