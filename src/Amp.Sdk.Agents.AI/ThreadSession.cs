using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp;

/// <summary>A session of an <see cref="AmpAgent"/>: a thread of the Amp service, which keeps its messages, and the state that the framework adds.</summary>
public sealed class ThreadSession : AgentSession
{
    private const string ThreadName = "threadId";
    private const string StateName = "stateBag";

    /// <summary>Creates a session.</summary>
    /// <param name="threadId">The thread to continue, as an ID or URL; null for a new one, which the first run begins.</param>
    public ThreadSession(string? threadId = null) => ThreadId = threadId;

    private ThreadSession(string? threadId, AgentSessionStateBag state)
        : base(state) => ThreadId = threadId;

    /// <summary>The thread; null before the first run.</summary>
    public string? ThreadId { get; internal set; }

    internal JsonElement Serialize() => JsonSerializer.SerializeToElement(
        new JsonObject { [ThreadName] = ThreadId, [StateName] = JsonNode.Parse(StateBag.Serialize().GetRawText()) },
        AgentAbstractionsJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonObject)));

    /// <exception cref="AmpValidationException">It is not what <see cref="Serialize"/> returned.</exception>
    internal static ThreadSession Deserialize(JsonElement state)
    {
        string? thread = null;
        JsonElement bag = default;
        bool isKnown = state.ValueKind == JsonValueKind.Object
            && state.TryGetProperty(ThreadName, out JsonElement id)
            && id.ValueKind is JsonValueKind.String or JsonValueKind.Null
            && (!state.TryGetProperty(StateName, out bag) || bag.ValueKind is JsonValueKind.Object or JsonValueKind.Null);
        if (isKnown)
        {
            thread = state.GetProperty(ThreadName).GetString();
            return bag.ValueKind == JsonValueKind.Object ? new ThreadSession(thread, AgentSessionStateBag.Deserialize(bag)) : new ThreadSession(thread);
        }

        throw new AmpValidationException(
            "The state does not belong to a session of an AmpAgent.", "serializedState", "Give what AIAgent.SerializeSessionAsync returned for a session of this agent.");
    }
}
