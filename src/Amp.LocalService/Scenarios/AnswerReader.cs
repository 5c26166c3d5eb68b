namespace Amp.LocalService.Scenarios;

/// <summary>Reads the <c>answer</c> of a rule.</summary>
internal static class AnswerReader
{
    public static ScenarioAnswer Read(ScenarioNode node)
    {
        if (node.IsText)
        {
            return ScenarioAnswer.Of(new TextBlock(node.Text()));
        }

        Dictionary<string, ScenarioNode> members =
            node.Members("blocks", "delayMs", "blockDelayMs", "error", "cut", "hang", "stopReason", "usage");
        var answer = new ScenarioAnswer
        {
            Blocks = members.TryGetValue("blocks", out ScenarioNode blocks) ? blocks.Items().Select(ReadBlock).ToArray() : [],
            Delay = members.TryGetValue("delayMs", out ScenarioNode delay) ? delay.Milliseconds() : TimeSpan.Zero,
            BlockDelay = members.TryGetValue("blockDelayMs", out ScenarioNode blockDelay) ? blockDelay.Milliseconds() : TimeSpan.Zero,
            Error = members.TryGetValue("error", out ScenarioNode error) ? ReadError(error) : null,
            Cut = members.TryGetValue("cut", out ScenarioNode cut) ? ReadCut(cut) : null,
            Hang = members.TryGetValue("hang", out ScenarioNode hang) && hang.Flag(),
            StopReason = members.TryGetValue("stopReason", out ScenarioNode stopReason) ? stopReason.Text() : null,
            Usage = members.TryGetValue("usage", out ScenarioNode usage) ? ReadUsage(usage) : TokenUsage.Default,
        };
        return Contradiction(answer, members.ContainsKey("blocks")) is { } reason ? throw node.Error(reason) : answer;
    }

    private static string? Contradiction(ScenarioAnswer answer, bool hasBlocks)
    {
        int failures = (answer.Error is null ? 0 : 1) + (answer.Cut is null ? 0 : 1) + (answer.Hang ? 1 : 0);
        return failures switch
        {
            > 1 => "only one of error, cut and hang can happen",
            0 when !hasBlocks => "has neither blocks nor one of error, cut and hang",
            1 when hasBlocks && answer.Cut != ConnectionCut.Middle => "blocks would never be sent; only the cut 'middle' goes with blocks",
            _ => null,
        };
    }

    private static AnswerBlock ReadBlock(ScenarioNode node)
    {
        if (node.IsText)
        {
            return new TextBlock(node.Text());
        }

        Dictionary<string, ScenarioNode> members = node.Members("text", "thinking", "tool", "input", "repeatText", "bytes");
        string[] kinds = members.Keys.Where(name => name is "text" or "thinking" or "tool" or "repeatText").ToArray();
        if (kinds.Length != 1)
        {
            throw node.Error("a block has exactly one of text, thinking, tool and repeatText");
        }

        Refuse(members, "input", kinds[0], "tool");
        Refuse(members, "bytes", kinds[0], "repeatText");
        return kinds[0] switch
        {
            "text" => new TextBlock(members["text"].Text()),
            "thinking" => new ThinkingBlock(members["thinking"].Text()),
            "tool" => new ToolBlock(members["tool"].Text(), members.TryGetValue("input", out ScenarioNode input) ? input.JsonObject() : []),
            _ => ReadRepeatedText(node, members),
        };
    }

    private static RepeatedTextBlock ReadRepeatedText(ScenarioNode node, Dictionary<string, ScenarioNode> members)
    {
        string text = members["repeatText"].Text();
        if (text.Length == 0)
        {
            throw members["repeatText"].Error("no text to repeat");
        }

        return members.TryGetValue("bytes", out ScenarioNode bytes)
            ? new RepeatedTextBlock(text, bytes.Number(0))
            : throw node.Error("repeatText needs bytes, the size of the whole");
    }

    private static void Refuse(Dictionary<string, ScenarioNode> members, string name, string kind, string owner)
    {
        if (kind != owner && members.TryGetValue(name, out ScenarioNode member))
        {
            throw member.Error($"goes with {owner}, not with {kind}");
        }
    }

    private static ServiceError ReadError(ScenarioNode node)
    {
        Dictionary<string, ScenarioNode> members = node.Members("status", "type", "message", "retryAfter");
        if (!members.TryGetValue("status", out ScenarioNode status))
        {
            throw node.Error("has no status");
        }

        return new ServiceError(status.Number(400, 599))
        {
            Type = members.TryGetValue("type", out ScenarioNode type) ? type.Text() : null,
            Message = members.TryGetValue("message", out ScenarioNode message) ? message.Text() : null,
            RetryAfter = members.TryGetValue("retryAfter", out ScenarioNode retryAfter) ? TimeSpan.FromSeconds(retryAfter.Number(0)) : null,
        };
    }

    private static ConnectionCut ReadCut(ScenarioNode node) => node.Text() switch
    {
        "before" => ConnectionCut.Before,
        "headers" => ConnectionCut.Headers,
        "middle" => ConnectionCut.Middle,
        string other => throw node.Error($"'{other}' is none of before, headers, middle"),
    };

    private static TokenUsage ReadUsage(ScenarioNode node)
    {
        Dictionary<string, ScenarioNode> members =
            node.Members("inputTokens", "outputTokens", "cacheCreationInputTokens", "cacheReadInputTokens");
        int Count(string name, int otherwise) => members.TryGetValue(name, out ScenarioNode count) ? count.Number(0) : otherwise;
        return new TokenUsage(
            Count("inputTokens", TokenUsage.Default.InputTokens),
            Count("outputTokens", TokenUsage.Default.OutputTokens),
            Count("cacheCreationInputTokens", 0),
            Count("cacheReadInputTokens", 0));
    }
}
