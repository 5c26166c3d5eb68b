using System.Text.Json;

namespace Amp.LocalService.Model;

/// <summary>Makes a <see cref="ModelRequest"/> of an Anthropic Messages request.</summary>
internal static class ModelRequestReader
{
    // The CLI puts the editor's state before a prompt as a text block of its own.
    private static readonly string[] s_notFromTheUser = ["# User State", "<system-reminder"];

    public static ModelRequest Read(JsonElement root, string rawJson, string? threadId)
    {
        JsonElement messages = root.TryGetProperty("messages", out JsonElement found) && found.ValueKind == JsonValueKind.Array
            ? found
            : throw new BadModelRequestException("messages: Field required");
        Conversation conversation = ReadConversation(messages);
        return new ModelRequest
        {
            ReceivedAt = DateTimeOffset.UtcNow,
            ThreadId = threadId,
            Model = TextOf(root, "model") ?? "",
            Prompts = conversation.Prompts,
            Step = conversation.Step,
            LastToolResult = conversation.ResultTexts.Count == 0 ? null : string.Join('\n', conversation.ResultTexts),
            LastToolResultsJson = conversation.ResultJson,
            OfferedTools = ReadTools(root),
            SystemPrompt = root.TryGetProperty("system", out JsonElement system) ? string.Join('\n', Texts(system)) : "",
            MessageCount = messages.GetArrayLength(),
            RawJson = rawJson,
        };
    }

    private sealed class Conversation
    {
        public List<string> Prompts { get; } = [];

        public List<string> ResultTexts { get; } = [];

        public List<string> ResultJson { get; } = [];

        public int Step { get; set; }

        public void ForgetResults()
        {
            ResultTexts.Clear();
            ResultJson.Clear();
        }
    }

    private static Conversation ReadConversation(JsonElement messages)
    {
        var conversation = new Conversation();
        foreach (JsonElement message in messages.EnumerateArray())
        {
            if (TextOf(message, "role") != "user" || !message.TryGetProperty("content", out JsonElement content))
            {
                conversation.ForgetResults();
                continue;
            }

            ReadResults(content, conversation);
            string prompt = string.Join('\n', Texts(content).Where(IsFromTheUser));
            if (prompt.Length > 0)
            {
                // Where the user spoke after a tool ended, the words are what wants an answer.
                conversation.ForgetResults();
                conversation.Prompts.Add(prompt);
                conversation.Step = 0;
            }
        }

        return conversation;
    }

    private static void ReadResults(JsonElement content, Conversation conversation)
    {
        bool found = false;
        if (content.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement block in content.EnumerateArray())
            {
                if (TextOf(block, "type") == "tool_result")
                {
                    found = true;
                    bool hasContent = block.TryGetProperty("content", out JsonElement result);
                    conversation.ResultTexts.Add(hasContent ? string.Join('\n', Texts(result)) : "");
                    conversation.ResultJson.Add(hasContent ? result.GetRawText() : "[]");
                }
            }
        }

        conversation.Step += found ? 1 : 0;
    }

    private static bool IsFromTheUser(string text) =>
        text.Length > 0 && !s_notFromTheUser.Any(start => text.StartsWith(start, StringComparison.Ordinal));

    private static List<string> ReadTools(JsonElement root)
    {
        var names = new List<string>();
        if (root.TryGetProperty("tools", out JsonElement tools) && tools.ValueKind == JsonValueKind.Array)
        {
            names.AddRange(tools.EnumerateArray().Select(tool => TextOf(tool, "name")).OfType<string>());
        }

        return names;
    }

    /// <summary>The texts of a content that is a text or a list of blocks.</summary>
    public static IEnumerable<string> Texts(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.String => [content.GetString()!],
        JsonValueKind.Array => content.EnumerateArray()
            .Where(block => TextOf(block, "type") == "text")
            .Select(block => TextOf(block, "text"))
            .OfType<string>(),
        _ => [],
    };

    private static string? TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
