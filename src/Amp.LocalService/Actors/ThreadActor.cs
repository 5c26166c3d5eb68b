using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.LocalService.Json;
using Amp.LocalService.Model;
using Amp.LocalService.Scenarios;
using Amp.LocalService.Threads;

namespace Amp.LocalService.Actors;

/// <summary>One thread of the native builds while clients are connected to it: it takes their messages and tells them of every change.</summary>
internal sealed class ThreadActor(StoredThread stored, ActorSurroundings surroundings)
{
    private readonly object _lock = new();
    private readonly ActorConversation _conversation = new(stored);
    private readonly List<ActorConnection> _connections = [];
    private readonly Queue<JsonElement> _prompts = new();
    private readonly HashSet<string> _takenPrompts = new(StringComparer.Ordinal);
    private readonly ExecutorLink _executor = new();
    private string _guidance = "";
    private string _state = "idle";
    private string? _messageId;
    private CancellationTokenSource? _turn;
    private long? _turnProcessId;

    public string Id => stored.Id;

    /// <summary>What a client must show to connect.</summary>
    public string Token { get; } = ActorIds.Token();

    public long Version
    {
        get
        {
            lock (_lock)
            {
                return _conversation.Version;
            }
        }
    }

    public async Task ServeAsync(ActorConnection connection, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _connections.Add(connection);
            connection.Notify("agent_state", State());
        }

        try
        {
            await connection.RunAsync(Receive, cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                _connections.Remove(connection);
                if (_executor.Connection == connection)
                {
                    _executor.Lose();
                }
            }
        }
    }

    /// <summary>Says what the agent does; an answer whose ID was not said here is left out of the CLI's stream.</summary>
    public void Announce(string state, string? messageId)
    {
        lock (_lock)
        {
            _state = state;
            _messageId = messageId;
            TellAll("agent_state", State());
        }
    }

    /// <summary>Waits until the tools are all there: the prompt arrives before them.</summary>
    public async Task WaitForToolsAsync(CancellationToken cancellationToken)
    {
        Task ready;
        lock (_lock)
        {
            ready = _executor.Ready;
        }

        await ready.WaitAsync(cancellationToken);
        lock (_lock)
        {
            _turnProcessId = _executor.ProcessId;
        }
    }

    public void OfferTools(string messageId)
    {
        lock (_lock)
        {
            TellAll("inference_tools", new JsonObject
            {
                ["messageId"] = messageId,
                ["agentMode"] = _conversation.AgentMode,
                ["tools"] = new JsonArray([.. _executor.Tools.Offered.Select(tool => (JsonNode)tool.TextOf("name")!)]),
            });
        }
    }

    public ModelRequest ToRequest()
    {
        lock (_lock)
        {
            return _conversation.ToRequest(Id, _executor.Tools.Offered, _guidance);
        }
    }

    public void Add(JsonObject message)
    {
        lock (_lock)
        {
            long number = _conversation.Add(message);
            Save();
            TellAll("message_added", Added(number, message));
        }
    }

    /// <summary>Has the executor run a tool.</summary>
    public Task<JsonElement> CallAsync(string callId, ToolBlock call, string messageId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _executor.Call(callId, call, messageId).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends the turn with an error of the model's provider.</summary>
    public void Fail(ServiceError error)
    {
        lock (_lock)
        {
            TellAll("error_set", new JsonObject
            {
                ["error"] = new JsonObject { ["message"] = error.EffectiveMessage, ["code"] = error.EffectiveType },
                ["seq"] = _conversation.CountError(),
            });
        }
    }

    public void BreakConnections()
    {
        lock (_lock)
        {
            _executor.Lose();
            _connections.ForEach(connection => connection.Break());
        }
    }

    private void Receive(ActorConnection connection, string method, JsonElement parameters)
    {
        lock (_lock)
        {
            switch (method)
            {
                case "executor_connect":
                    ConnectExecutor(connection, parameters);
                    break;
                case "executor_tools_register":
                    _executor.Tools.Register(parameters.Member("tools"));
                    break;
                case "executor_tools_unregister":
                    _executor.Tools.Unregister(parameters.Member("tools"));
                    break;
                case "executor_tools_bootstrap_complete":
                    _executor.SetReady();
                    break;
                case "executor_environment_snapshot":
                    _conversation.Environment = ActorMessages.Node(
                        parameters.Member("environment") is { ValueKind: JsonValueKind.Object } environment ? environment : parameters);
                    break;
                case "executor_guidance_snapshot":
                    _guidance = parameters.GetRawText();
                    break;
                case "executor_tool_lease_ack":
                    _executor.Take(parameters.TextOf("toolCallId"));
                    break;
                case "executor_tool_result":
                    _executor.Finish(parameters.TextOf("toolCallId"), parameters.Member("run"));
                    break;
                case "executor_plugin_message":
                    AnswerPlugin(connection, parameters.Member("message"));
                    break;
                case "client_resume":
                    Resume(connection, parameters.NumberOf("version") ?? 0);
                    break;
                case "client_update_thread_settings":
                    _executor.Tools.Apply(parameters.Member("settings"));
                    break;
                case "client_append_user_msg" when IsNew(parameters):
                    _prompts.Enqueue(parameters);
                    StartTurn();
                    break;
                case "client_set_thread_title" when parameters.TextOf("title") is { } title:
                    _conversation.Title = title;
                    Save();
                    break;
                case "client_cancel":
                    _turn?.Cancel();
                    break;
            }
        }
    }

    // A CLI whose connection breaks before it has seen its message in the thread sends the message again, with the same ID.
    private bool IsNew(JsonElement prompt) => prompt.TextOf("messageId") is not { } id || _takenPrompts.Add(id);

    private void ConnectExecutor(ActorConnection connection, JsonElement parameters)
    {
        _executor.Connect(connection, parameters);
        if (_turnProcessId is { } known && known != _executor.ProcessId)
        {
            // Another process is here: the one that the turn was for has ended and will not come back.
            _turn?.Cancel();
        }

        connection.Notify("executor_connected", new JsonObject
        {
            ["executorId"] = parameters.TextOf("clientId"),
            ["registeredToolCount"] = _executor.Tools.Count,
            ["guidanceInventory"] = new JsonArray(),
        });
    }

    // Nobody is here who could choose. Without an answer a run would wait for ever.
    private void AnswerPlugin(ActorConnection connection, JsonElement message)
    {
        if (message.TextOf("type") != "request")
        {
            return;
        }

        surroundings.PluginRequests.Enqueue(message.GetRawText());
        connection.Notify("plugin_message", new JsonObject
        {
            ["message"] = new JsonObject
            {
                ["type"] = "response",
                ["id"] = ActorMessages.Node(message.Member("id")),
                ["error"] = "The local service has nobody to ask.",
            },
        });
    }

    private void Resume(ActorConnection connection, long version)
    {
        foreach ((long number, JsonObject message) in _conversation.After(version))
        {
            connection.Notify("message_added", Added(number, message));
        }

        connection.Notify("agent_state", State());
    }

    private void StartTurn()
    {
        if (_turn is null && _prompts.Count > 0)
        {
            _turn = CancellationTokenSource.CreateLinkedTokenSource(surroundings.Stopping);
            _turnProcessId = null;
            _ = RunTurnAsync(_prompts.Dequeue(), _turn);
        }
    }

    private async Task RunTurnAsync(JsonElement prompt, CancellationTokenSource turn)
    {
        // Away from the lock, which whoever started this holds.
        await Task.Yield();
        using (turn)
        {
            try
            {
                TakePrompt(prompt);
                await new AgentLoop(this, surroundings.Player, surroundings.Log).RunAsync(turn.Token);
            }
            catch (OperationCanceledException)
            {
                // The user broke the turn off, or the service stops: the turn is over either way.
            }
            catch (Exception exception)
            {
                Fail(new ServiceError(500) { Message = $"The local service failed: {exception.Message}" });
            }

            lock (_lock)
            {
                _executor.ForgetCalls();
                _turn = null;
                Announce("idle", null);
                StartTurn();
            }
        }
    }

    private void TakePrompt(JsonElement prompt)
    {
        JsonObject message = ActorMessages.Prompt(Id, prompt);
        lock (_lock)
        {
            _conversation.AgentMode = prompt.TextOf("agentMode") ?? _conversation.AgentMode;
            _conversation.Title ??= ForcedTool.Title(string.Join('\n', ModelRequestReader.Texts(prompt.Member("content"))));
            Add(message);
        }
    }

    private JsonObject State()
    {
        var state = new JsonObject { ["state"] = _state, ["agentMode"] = _conversation.AgentMode };
        if (_messageId is not null)
        {
            state["messageId"] = _messageId;
        }

        return state;
    }

    private static JsonObject Added(long number, JsonObject message) => new() { ["message"] = message.DeepClone(), ["seq"] = number };

    private void TellAll(string method, JsonObject parameters) =>
        _connections.ForEach(connection => connection.Notify(method, parameters.DeepClone().AsObject()));

    private void Save() => surroundings.Threads.Replace(_conversation.ToThread());
}

/// <summary>What all thread actors of a service share.</summary>
internal sealed record ActorSurroundings(ThreadStore Threads, ScenarioPlayer Player, RequestLog Log, CancellationToken Stopping)
{
    /// <summary>What plugins of the CLI have asked the user, as JSON.</summary>
    public ConcurrentQueue<string> PluginRequests { get; } = new();
}
