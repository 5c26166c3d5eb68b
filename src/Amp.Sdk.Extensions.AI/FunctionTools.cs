using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Amp;

/// <summary>The functions of a request as tools of its run, and their names on the way back.</summary>
internal sealed partial class FunctionTools
{
    // As FunctionInvokingChatClient tells a model.
    private const string NothingReturned = "Success: Function completed.";
    private const string NothingBecauseItFailed = "Error: Function failed.";

    private readonly Dictionary<string, string> _names;

    private FunctionTools(IReadOnlyList<AmpTool> tools, Dictionary<string, string> names)
    {
        Tools = tools;
        _names = names;
    }

    public static FunctionTools None { get; } = new([], []);

    /// <summary>How JSON of the agent is read: as deep as the lines of the CLI.</summary>
    public static JsonDocumentOptions Reading { get; } = new() { MaxDepth = 512 };

    public IReadOnlyList<AmpTool> Tools { get; }

    /// <param name="tools">The tools of the request.</param>
    /// <param name="server">The name of the server that offers them.</param>
    /// <param name="others">The tools of the options, which the same server offers.</param>
    /// <exception cref="AmpValidationException">A tool cannot be called in this process, or its description cannot be used.</exception>
    public static FunctionTools Of(IEnumerable<AITool>? tools, string server, IReadOnlyList<AmpTool>? others)
    {
        List<AmpTool> made = [];
        Dictionary<string, string> names = [];

        // Null among the others is refused later.
        HashSet<string> taken = [.. (others ?? []).OfType<AmpTool>().Select(other => Offered(server, other.Name))];
        HashSet<string> several = [];
        foreach (AITool tool in tools ?? [])
        {
            AIFunction function = Callable(tool);
            made.Add(Made(function));
            string offered = Offered(server, function.Name);
            if (taken.Add(offered))
            {
                names.Add(offered, function.Name);
            }
            else
            {
                several.Add(offered);
            }
        }

        // Names that are equal for the CLI are numbered; they stay as the model knows them.
        foreach (string offered in several)
        {
            names.Remove(offered);
        }

        return new FunctionTools(made, names);
    }

    /// <summary>The name by which the caller knows a tool.</summary>
    public string NameOf(string? offered) => offered is null ? string.Empty : _names.GetValueOrDefault(offered, offered);

    /// <summary>Gets what a model reads of a function's result.</summary>
    public static string TextOf(object? result, JsonSerializerOptions options, bool hasFailed = false) => result switch
    {
        null => hasFailed ? NothingBecauseItFailed : NothingReturned,
        string text => text,
        ChatText text => text.Text,
        JsonElement { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => TextOf(null, options, hasFailed),
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        IEnumerable<AIContent> contents when contents.All(content => content is ChatText) => string.Join('\n', contents),
        _ => PromptText.Written(JsonSerializer.SerializeToNode(result, options.GetTypeInfo(result.GetType()))),
    };

    /// <summary>Gets the arguments of a call; null if its input is not an object.</summary>
    public static Dictionary<string, object?>? ArgumentsOf(string input)
    {
        using JsonDocument document = JsonDocument.Parse(input, Reading);
        return document.RootElement.ValueKind != JsonValueKind.Object ? null : document.RootElement.EnumerateObject().ToDictionary(
            property => property.Name, property => (object?)property.Value.Clone(), StringComparer.Ordinal);
    }

    private static AIFunction Callable(AITool tool)
    {
        if (tool is not AIFunction function)
        {
            throw new AmpValidationException(
                tool is null ? "One of the tools is null." : $"The tool '{tool.Name}' is of type {tool.GetType().Name}, which cannot be called in this process.",
                nameof(ChatOptions.Tools),
                "Give an AIFunction. The agent has its own tools for the web and for files. AmpOptions.McpServers adds servers.",
                tool?.Name);
        }

        // The agent calls the function during the run, when nobody could answer a request for approval.
        return function.GetService(typeof(ApprovalRequiredAIFunction)) is null
            ? function
            : throw new AmpValidationException(
                $"The function '{function.Name}' requires an approval, which a response cannot request.",
                nameof(ChatOptions.Tools),
                "Give the function itself, and decide about its calls in AmpOptions.Approval, with a rule whose action is Ask.",
                function.Name);
    }

    private static AmpTool Made(AIFunction function) => new(
        function.Name,
        string.IsNullOrWhiteSpace(function.Description) ? $"The function {function.Name}." : function.Description,
        SchemaOf(function.JsonSchema),
        async (input, cancellationToken) => new ToolResult(TextOf(
            await function.InvokeAsync(new AIFunctionArguments(ArgumentsOf(input)), cancellationToken).ConfigureAwait(false), function.JsonSerializerOptions)));

    private static string SchemaOf(JsonElement schema)
    {
        JsonObject root = schema.ValueKind == JsonValueKind.Object ? JsonNode.Parse(schema.GetRawText())!.AsObject() : [];
        root.TryAdd("type", "object");
        return root.ToJsonString();
    }

    private static string Offered(string server, string name) => $"mcp__{Mangle(server)}__{Mangle(name)}";

    private static string Mangle(string name) => Runs().Replace(name, "_").Trim('_');

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex Runs();
}
