using System.Text.Json;
using System.Text.RegularExpressions;

namespace Amp.LocalService.Scenarios;

/// <summary>Reads the JSON form of a scenario.</summary>
internal static class ScenarioReader
{
    // A prompt may have megabytes; a pattern that does not come to an end on it must not take the service with it.
    internal static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(5);

    private static readonly JsonDocumentOptions s_options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    public static Scenario Read(string json, string source)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, s_options);
        }
        catch (JsonException exception)
        {
            string place = $"line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}";
            string reason = exception.Message.Split(" LineNumber:")[0];
            throw new ScenarioFormatException(source, place, $"no JSON: {reason}", exception);
        }

        using (document)
        {
            return ReadScenario(new ScenarioNode(document.RootElement, "$", source));
        }
    }

    private static Scenario ReadScenario(ScenarioNode node)
    {
        Dictionary<string, ScenarioNode> members = node.Members("description", "unmatched", "rules", "mcp");
        bool hasMcp = members.TryGetValue("mcp", out ScenarioNode mcp);
        bool hasRules = members.TryGetValue("rules", out ScenarioNode rules);
        if (!hasRules && !hasMcp)
        {
            throw node.Error("has no rules");
        }

        return new Scenario
        {
            Rules = hasRules ? rules.Items().Select(ReadRule).ToArray() : [],
            Mcp = hasMcp ? McpReader.Read(mcp) : null,
            Unmatched = members.TryGetValue("unmatched", out ScenarioNode unmatched) ? ReadUnmatched(unmatched) : default,
        };
    }

    private static UnmatchedRequest ReadUnmatched(ScenarioNode node) => node.Text() switch
    {
        "default" => UnmatchedRequest.DefaultAnswer,
        "error" => UnmatchedRequest.Error,
        string other => throw node.Error($"'{other}' is neither default nor error"),
    };

    private static ScenarioRule ReadRule(ScenarioNode node)
    {
        Dictionary<string, ScenarioNode> members = node.Members("description", "when", "times", "answer");
        if (!members.TryGetValue("answer", out ScenarioNode answerNode))
        {
            throw node.Error("has no answer");
        }

        Dictionary<string, ScenarioNode> when = members.TryGetValue("when", out ScenarioNode whenNode)
            ? whenNode.Members("prompt", "toolResult", "turn", "step")
            : [];
        var rule = new ScenarioRule
        {
            Prompt = when.TryGetValue("prompt", out ScenarioNode prompt) ? ReadPattern(prompt) : null,
            ToolResult = when.TryGetValue("toolResult", out ScenarioNode toolResult) ? ReadPattern(toolResult) : null,
            Turn = when.TryGetValue("turn", out ScenarioNode turn) ? turn.Number(0) : null,
            Step = when.TryGetValue("step", out ScenarioNode step) ? step.Number(0) : null,
            Times = members.TryGetValue("times", out ScenarioNode times) ? times.Number(1) : null,
            Answer = AnswerReader.Read(answerNode),
        };
        if (Placeholders.FirstUnknown(rule) is { } unknown)
        {
            string builtIn = string.Join(", ", Placeholders.BuiltIn);
            throw answerNode.Error($"'${{{unknown}}}' is no named group of this rule's patterns and none of {builtIn}");
        }

        return rule;
    }

    private static Regex ReadPattern(ScenarioNode node)
    {
        try
        {
            return new Regex(node.Text(), RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (ArgumentException exception)
        {
            throw node.Error($"no regular expression: {exception.Message}", exception);
        }
    }
}
