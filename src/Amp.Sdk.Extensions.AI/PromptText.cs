using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp;

/// <summary>
/// Makes one prompt of the messages of a request. The CLI takes a user's prompt and no history, so what was said before stands before the prompt:
/// instructions and system messages as text, each earlier message as a line of JSON, which nothing in a message can end early.
/// </summary>
internal sealed class PromptText
{
    private const string OptionName = "messages";

    private static readonly JsonSerializerOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<InputImage> _images = [];

    private PromptText(IEnumerable<ChatMessage> messages, string? instructions)
    {
        List<string> system = string.IsNullOrWhiteSpace(instructions) ? [] : [instructions];
        List<ChatMessage> spoken = [];
        foreach (ChatMessage message in messages)
        {
            if (message is null)
            {
                throw new AmpValidationException("One of the messages is null.", OptionName, "Omit it.");
            }

            if (message.Role == ChatRole.System)
            {
                system.Add(TextOf(Line(message)));
            }
            else
            {
                spoken.Add(message);
            }
        }

        if (spoken.Count == 0 || spoken[^1].Role != ChatRole.User)
        {
            throw new AmpValidationException(
                spoken.Count == 0 ? "There is no user message." : $"The last message has the role '{spoken[^1].Role}'; the agent answers a user message.",
                OptionName,
                "End the messages with a user message.");
        }

        string[] earlier = [.. spoken.SkipLast(1).Select(Line).Select(Written)];
        string prompt = TextOf(Line(spoken[^1]));
        if (string.IsNullOrWhiteSpace(prompt))
        {
            throw new AmpValidationException("The last user message has no text.", OptionName, "Describe the task for the agent.");
        }

        Text = Framed(system, earlier, prompt);
    }

    public string Text { get; }

    public IReadOnlyList<InputImage> Images => _images;

    /// <exception cref="AmpValidationException">There is no prompt, or a message has content that the agent cannot get.</exception>
    public static PromptText Of(IEnumerable<ChatMessage> messages, string? instructions) => new(messages, instructions);

    /// <summary>Gets JSON in one line, as short as it can be.</summary>
    public static string Written(JsonNode? node) => node?.ToJsonString(s_writing) ?? "null";

    private static string Framed(List<string> system, string[] earlier, string prompt)
    {
        List<string> parts = [];
        if (system.Count > 0)
        {
            parts.AddRange(["# Instructions", .. system]);
        }

        if (earlier.Length > 0)
        {
            parts.AddRange(["# The conversation so far, one message in each line", string.Join('\n', earlier)]);
        }

        return parts.Count == 0 ? prompt : string.Join("\n\n", [.. parts, "# The message to answer", prompt]);
    }

    private static string TextOf(JsonObject line) => (string?)line["text"] ?? string.Empty;

    private JsonObject Line(ChatMessage message)
    {
        List<string> texts = [];
        JsonArray calls = [];
        JsonArray results = [];
        int images = 0;
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case ChatText text:
                    texts.Add(text.Text);
                    break;
                case DataContent image when image.HasTopLevelMediaType("image") && message.Role != ChatRole.System:
                    _images.Add(InputImage.FromBytes(image.Data.Span));
                    images++;
                    break;
                case FunctionCallContent call:
                    calls.Add((JsonNode)new JsonObject { ["id"] = call.CallId, ["name"] = call.Name, ["arguments"] = JsonOf(call.Arguments) });
                    break;
                case FunctionResultContent result:
                    string told = FunctionTools.TextOf(result.Result, AIJsonUtilities.DefaultOptions, result.Exception is not null);
                    results.Add((JsonNode)new JsonObject { ["id"] = result.CallId, ["result"] = told });
                    break;
                case TextReasoningContent or UsageContent:
                    // What a model thought, and what it cost, is not part of the conversation.
                    break;
                default:
                    throw Refuse(message, content);
            }
        }

        JsonObject line = new() { ["role"] = message.Role.Value, ["text"] = string.Concat(texts) };
        if (images > 0)
        {
            line["images"] = images;
        }

        if (calls.Count > 0)
        {
            line["calls"] = calls;
        }

        if (results.Count > 0)
        {
            line["results"] = results;
        }

        return line;
    }

    private static JsonNode? JsonOf(IDictionary<string, object?>? arguments) =>
        JsonSerializer.SerializeToNode(arguments, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)));

    private static AmpValidationException Refuse(ChatMessage message, AIContent content)
    {
        string? type = content switch
        {
            DataContent data => data.MediaType,
            UriContent uri => uri.MediaType,
            _ => null,
        };
        string shown = content.GetType().Name + (type is null ? string.Empty : $" ({type})");
        return new AmpValidationException(
            $"A message with the role '{message.Role}' has content of type {shown}, which the agent cannot receive.",
            OptionName,
            "Give text, or an image of a user as DataContent. Write other data to a file of AmpOptions.WorkingDirectory and name the file.",
            shown);
    }
}
