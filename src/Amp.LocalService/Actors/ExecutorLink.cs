using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.LocalService.Json;
using Amp.LocalService.Scenarios;

namespace Amp.LocalService.Actors;

/// <summary>The CLI as the one who runs the tools: who it is, whether its tools are all there, and which calls it has yet to answer.</summary>
/// <remarks>Not safe for several threads by itself: its actor holds a lock.</remarks>
internal sealed class ExecutorLink
{
    private readonly Dictionary<string, PendingCall> _calls = new(StringComparer.Ordinal);
    private TaskCompletionSource _ready = NewSource();

    private sealed record PendingCall(JsonObject Lease, TaskCompletionSource<JsonElement> Run)
    {
        public bool IsTaken { get; set; }
    }

    public ActorConnection? Connection { get; private set; }

    /// <summary>The process ID of the CLI, which stays the same when it connects again.</summary>
    public long? ProcessId { get; private set; }

    public ActorTools Tools { get; } = new();

    /// <summary>Ends when the executor has registered all its tools.</summary>
    public Task Ready => _ready.Task;

    public void Connect(ActorConnection connection, JsonElement parameters)
    {
        Lose();
        Tools.Clear();
        Connection = connection;
        ProcessId = parameters.Member("capabilities").NumberOf("pid");
    }

    public void Lose()
    {
        Connection = null;
        if (_ready.Task.IsCompleted)
        {
            _ready = NewSource();
        }
    }

    public void SetReady()
    {
        // Calls that nobody has taken went down with the connection before.
        foreach (PendingCall call in _calls.Values.Where(call => !call.IsTaken))
        {
            Connection?.Notify("tool_lease", call.Lease.DeepClone().AsObject());
        }

        _ready.TrySetResult();
    }

    public Task<JsonElement> Call(string callId, ToolBlock tool, string messageId)
    {
        var lease = new JsonObject
        {
            ["toolCallId"] = callId,
            ["toolName"] = tool.Name,
            ["args"] = tool.Input.DeepClone(),
            ["messageId"] = messageId,
        };
        var call = new PendingCall(lease, new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously));
        _calls[callId] = call;
        Connection?.Notify("tool_lease", lease.DeepClone().AsObject());
        return call.Run.Task;
    }

    public void Take(string? callId)
    {
        if (callId is not null && _calls.TryGetValue(callId, out PendingCall? call))
        {
            call.IsTaken = true;
        }
    }

    public void Finish(string? callId, JsonElement run)
    {
        if (callId is not null && _calls.Remove(callId, out PendingCall? call))
        {
            call.Run.TrySetResult(run);
        }
    }

    public void ForgetCalls() => _calls.Clear();

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
