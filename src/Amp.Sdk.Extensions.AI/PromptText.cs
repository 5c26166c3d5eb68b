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
    private const string TextName = "text";
    private const string ImagesName = "images";
    private const string CallsName = "calls";
    private const string ResultsName = "results";

    // An earlier response can contain a call with an input as deep as a line of the CLI. The line of its message is around it.
    private static readonly JsonSerializerOptions s_writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = FunctionTools.Reading.MaxDepth + 8,
    };

    private static readonly JsonSerializerOptions s_values = Values();

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

        List<string> earlier = [.. spoken.SkipLast(1).Select(Line).Select(Written)];
        JsonObject last = Line(spoken[^1]);
        string prompt = TextOf(last);
        if (string.IsNullOrWhiteSpace(prompt))
        {
            throw new AmpValidationException("The last user message has no text.", OptionName, "Describe the task for the agent.");
        }

        if (last.ContainsKey(CallsName) || last.ContainsKey(ResultsName))
        {
            // Some adapters put results into the message with the next question. Its text and its images are the prompt.
            last[TextName] = string.Empty;
            last.Remove(ImagesName);
            earlier.Add(Written(last));
        }

        Text = Framed(system, earlier, prompt);
    }

    public string Text { get; }

    public IReadOnlyList<InputImage> Images => _images;

    /// <exception cref="AmpValidationException">There is no prompt, or a message has content that the agent cannot get.</exception>
    public static PromptText Of(IEnumerable<ChatMessage> messages, string? instructions) => new(messages, instructions);

    /// <summary>Gets JSON in one line, as short as it can be.</summary>
    public static string Written(JsonNode? node) => node?.ToJsonString(s_writing) ?? "null";

    private static string Framed(List<string> system, List<string> earlier, string prompt)
    {
        List<string> parts = [];
        if (system.Count > 0)
        {
            parts.AddRange(["# Instructions", .. system]);
        }

        if (earlier.Count > 0)
        {
            parts.AddRange(["# The conversation so far, one message in each line", string.Join('\n', earlier)]);
        }

        return parts.Count == 0 ? prompt : string.Join("\n\n", [.. parts, "# The message to answer", prompt]);
    }

    private static string TextOf(JsonObject line) => (string?)line[TextName] ?? string.Empty;

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
                case FunctionCallContent call when message.Role != ChatRole.System:
                    JsonNode? arguments = Kept(message, call, () => JsonOf(call.Arguments));
                    calls.Add((JsonNode)new JsonObject { ["id"] = call.CallId, ["name"] = call.Name, ["arguments"] = arguments });
                    break;
                case FunctionResultContent result when message.Role != ChatRole.System:
                    string told = Kept(message, result, () => FunctionTools.TextOf(result.Result, s_values, result.Exception is not null));
                    results.Add((JsonNode)new JsonObject { ["id"] = result.CallId, ["result"] = told });
                    break;
                case TextReasoningContent or UsageContent:
                    // What a model thought, and what it cost, is not part of the conversation.
                    break;
                default:
                    throw Refuse(message, content);
            }
        }

        JsonObject line = new() { ["role"] = message.Role.Value, [TextName] = string.Concat(texts) };
        if (images > 0)
        {
            line[ImagesName] = images;
        }

        if (calls.Count > 0)
        {
            line[CallsName] = calls;
        }

        if (results.Count > 0)
        {
            line[ResultsName] = results;
        }

        return line;
    }

    private static JsonNode? JsonOf(IDictionary<string, object?>? arguments) =>
        JsonSerializer.SerializeToNode(arguments, s_values.GetTypeInfo(typeof(IDictionary<string, object?>)));

    // The values of a caller can be of any type.
    private static T Kept<T>(ChatMessage message, AIContent content, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new AmpValidationException(
                $"A message with the role '{message.Role}' has content of type {content.GetType().Name} with a value that cannot be written as JSON: {exception.Message}",
                OptionName,
                "Give arguments and results that JsonSerializer can write.",
                content.GetType().Name);
        }
    }

    private static JsonSerializerOptions Values()
    {
        JsonSerializerOptions options = new(AIJsonUtilities.DefaultOptions) { MaxDepth = FunctionTools.Reading.MaxDepth };
        options.MakeReadOnly();
        return options;
    }

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
