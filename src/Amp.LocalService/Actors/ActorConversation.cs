using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.LocalService.Json;
using Amp.LocalService.Model;
using Amp.LocalService.Threads;

namespace Amp.LocalService.Actors;

/// <summary>The messages of a thread in order, each with the number that a client which comes back asks from.</summary>
internal sealed class ActorConversation
{
    private readonly JsonObject _thread;
    private readonly List<(long Number, JsonObject Message)> _messages = [];

    public ActorConversation(StoredThread stored)
    {
        _thread = JsonNode.Parse(stored.Json)!.AsObject();
        foreach (JsonNode? message in _thread["messages"] as JsonArray ?? [])
        {
            _messages.Add((++Version, message!.DeepClone().AsObject()));
        }
    }

    /// <summary>The number of the last change.</summary>
    public long Version { get; private set; }

    public string? AgentMode
    {
        get => _thread["agentMode"]?.GetValue<string>();
        set => _thread["agentMode"] = value;
    }

    public JsonNode? Environment
    {
        set => _thread["env"] = value;
    }

    public string? Title
    {
        get => _thread["title"]?.GetValue<string>();
        set => _thread["title"] = value;
    }

    public long Add(JsonObject message)
    {
        _messages.Add((++Version, message));
        return Version;
    }

    public long CountError() => ++Version;

    public IEnumerable<(long Number, JsonObject Message)> After(long version) => _messages.Where(message => message.Number > version);

    /// <summary>The thread as it is kept.</summary>
    public JsonElement ToThread()
    {
        _thread["v"] = Version;
        _thread["messages"] = new JsonArray([.. _messages.Select(message => message.Message.DeepClone())]);
        return JsonSerializer.SerializeToElement(_thread, ActorMessages.Options);
    }

    /// <summary>What the model is asked, in the form in which the Node builds ask it.</summary>
    public ModelRequest ToRequest(string threadId, IReadOnlyList<JsonElement> tools, string guidance)
    {
        var root = new JsonObject
        {
            ["model"] = ActorMessages.Model,
            ["system"] = guidance,
            ["tools"] = new JsonArray([.. tools.Select(tool => (JsonNode)new JsonObject
            {
                ["name"] = tool.TextOf("name"),
                ["description"] = tool.TextOf("description"),
                ["input_schema"] = ActorMessages.Node(tool.Member("inputSchema")),
            })]),
            ["messages"] = new JsonArray([.. _messages.Select(message => (JsonNode)Plain(message.Message))]),
        };
        string json = root.ToJsonString(ActorMessages.Options);
        using JsonDocument document = JsonDocument.Parse(json);
        return ModelRequestReader.Read(document.RootElement, json, threadId);
    }

    private static JsonObject Plain(JsonObject message) => new()
    {
        ["role"] = message["role"]?.DeepClone(),
        ["content"] = new JsonArray([.. (message["content"] as JsonArray ?? []).Select(block => Plain(block!))]),
    };

    private static JsonNode Plain(JsonNode block)
    {
        if (block["type"]?.GetValue<string>() != "tool_result")
        {
            return block.DeepClone();
        }

        JsonElement run = JsonSerializer.SerializeToElement(block["run"]);
        return new JsonObject
        {
            ["type"] = "tool_result",
            ["tool_use_id"] = block["toolUseID"]?.DeepClone(),
            ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = ToolRun.Text(run) }),
            ["is_error"] = run.TextOf("status") != "done",
        };
    }
}
