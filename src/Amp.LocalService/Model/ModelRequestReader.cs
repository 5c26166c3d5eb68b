using System.Text.Json;
using Amp.LocalService.Json;

namespace Amp.LocalService.Model;

/// <summary>Makes a <see cref="ModelRequest"/> of an Anthropic Messages request.</summary>
internal static class ModelRequestReader
{
    // The CLI puts the editor's state before a prompt as a text block of its own.
    private static readonly string[] s_notFromTheUser = ["# User State", "<system-reminder"];

    public static ModelRequest Read(JsonElement root, string rawJson, string? threadId)
    {
        JsonElement messages = root.Member("messages");
        if (messages.ValueKind != JsonValueKind.Array)
        {
            throw new BadModelRequestException("messages: Field required");
        }

        Conversation conversation = ReadConversation(messages);
        return new ModelRequest
        {
            ReceivedAt = DateTimeOffset.UtcNow,
            ThreadId = threadId,
            Model = root.TextOf("model") ?? "",
            Prompts = conversation.Prompts,
            Step = conversation.Step,
            LastToolResult = conversation.ResultTexts.Count == 0 ? null : string.Join('\n', conversation.ResultTexts),
            LastToolResultsJson = conversation.ResultJson,
            OfferedTools = root.Member("tools").Items().Select(tool => tool.TextOf("name")).OfType<string>().ToArray(),
            SystemPrompt = string.Join('\n', Texts(root.Member("system"))),
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
            JsonElement content = message.Member("content");
            if (message.TextOf("role") != "user")
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
        JsonElement[] results = content.Items().Where(block => block.TextOf("type") == "tool_result").ToArray();
        foreach (JsonElement result in results.Select(result => result.Member("content")))
        {
            conversation.ResultTexts.Add(string.Join('\n', Texts(result)));
            conversation.ResultJson.Add(result.ValueKind == JsonValueKind.Undefined ? "[]" : result.GetRawText());
        }

        conversation.Step += results.Length > 0 ? 1 : 0;
    }

    private static bool IsFromTheUser(string text) =>
        text.Length > 0 && !s_notFromTheUser.Any(start => text.StartsWith(start, StringComparison.Ordinal));

    /// <summary>The texts of a content that is a text or a list of blocks.</summary>
    public static IEnumerable<string> Texts(JsonElement content) => content.ValueKind == JsonValueKind.String
        ? [content.GetString()!]
        : content.Items().Where(block => block.TextOf("type") == "text").Select(block => block.TextOf("text")).OfType<string>();
}

/// <summary>A model request lacks what the Messages API demands.</summary>
internal sealed class BadModelRequestException(string message) : Exception(message);
