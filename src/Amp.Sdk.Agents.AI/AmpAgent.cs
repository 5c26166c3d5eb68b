using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Amp;

/// <summary>
/// The Amp agent as an <see cref="AIAgent"/> of the Microsoft Agent Framework. Each run is a run of the CLI, which uses its own tools and those of this agent
/// and calls them itself. An agent has no state: the conversation is in the thread of a <see cref="ThreadSession"/>.
/// </summary>
/// <remarks>
/// Without a session, each run begins a new thread. With a session, pass only new messages: the thread contains the earlier ones. Do not run the same session
/// twice at the same time.
/// </remarks>
public sealed class AmpAgent : AIAgent, IDisposable
{
    private const string DefaultName = "Amp";
    private const string DefaultDescription = "A coding agent that can read and change files and run commands in its folder.";

    private static readonly AIAgentMetadata s_metadata = new("amp");

    private readonly AmpChatClient _client;
    private readonly string? _id;
    private readonly string? _instructions;
    private readonly AITool[] _tools;

    /// <summary>Creates an agent. Nothing is started.</summary>
    /// <param name="client">The client that runs the agent. Its options are those of the runs.</param>
    /// <param name="instructions">Instructions that come first in the prompt of each run; null for none.</param>
    /// <param name="name">The name of the agent; null for <c>Amp</c>.</param>
    /// <param name="description">What the agent is for; null for a general description.</param>
    /// <param name="tools">Functions of this process that the agent can call, in addition to <see cref="AmpOptions.Tools"/>. Each must be an
    /// <see cref="AIFunction"/> that requires no approval.</param>
    /// <param name="id">The ID of the agent; null for a generated one.</param>
    public AmpAgent(
        IAmpClient client,
        string? instructions = null,
        string? name = null,
        string? description = null,
        IEnumerable<AITool>? tools = null,
        string? id = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client.AsIChatClient();
        _instructions = instructions;
        _tools = tools is null ? [] : [.. tools];
        _id = id;
        Name = name ?? DefaultName;
        Description = description ?? DefaultDescription;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    protected override string? IdCore => _id;

    /// <summary>
    /// Returns an <see cref="AIAgentMetadata"/> with the provider name <c>amp</c>, the agent itself, or what <see cref="AmpChatClient.GetService"/> returns.
    /// </summary>
    /// <param name="serviceType">The type.</param>
    /// <param name="serviceKey">The key. There are no services with a key.</param>
    /// <returns>Null for every other type.</returns>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        base.GetService(serviceType, serviceKey)
        ?? (serviceKey is null && serviceType == typeof(AIAgentMetadata) ? s_metadata : _client.GetService(serviceType, serviceKey));

    /// <summary>
    /// Stops the runs in progress, which then throw an <see cref="OperationCanceledException"/>. You do not have to dispose an agent that has no runs in progress.
    /// </summary>
    public void Dispose() => _client.Dispose();

    /// <inheritdoc/>
    protected override ValueTask<AgentSession> CreateSessionCoreAsync(CancellationToken cancellationToken = default) => new(new ThreadSession());

    /// <inheritdoc/>
    protected override ValueTask<JsonElement> SerializeSessionCoreAsync(
        AgentSession session, JsonSerializerOptions? jsonSerializerOptions = null, CancellationToken cancellationToken = default) =>
        new(Own(session).Serialize());

    /// <inheritdoc/>
    protected override ValueTask<AgentSession> DeserializeSessionCoreAsync(
        JsonElement serializedState, JsonSerializerOptions? jsonSerializerOptions = null, CancellationToken cancellationToken = default) =>
        new(ThreadSession.Deserialize(serializedState));

    /// <inheritdoc/>
    protected override async Task<AgentResponse> RunCoreAsync(
        IEnumerable<ChatMessage> messages, AgentSession? session = null, AgentRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<AgentResponseUpdate> updates = [];
        await foreach (AgentResponseUpdate update in RunCoreStreamingAsync(messages, session, options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
        }

        AgentResponse response = updates.ToAgentResponse();
        response.RawRepresentation = (updates[^1].RawRepresentation as ChatResponseUpdate)?.RawRepresentation;
        return response;
    }

    /// <inheritdoc/>
    protected override async IAsyncEnumerable<AgentResponseUpdate> RunCoreStreamingAsync(
        IEnumerable<ChatMessage> messages,
        AgentSession? session = null,
        AgentRunOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ThreadSession thread = session is null ? new ThreadSession() : Own(session);
        HashSet<string> open = [];
        await foreach (ChatResponseUpdate update in
            _client.GetStreamingResponseAsync(messages, ChatOptionsOf(thread, options), cancellationToken).ConfigureAwait(false))
        {
            thread.ThreadId ??= update.ConversationId;
            Note(update, open);
            if (update.FinishReason is not null && open.Count > 0)
            {
                yield return Named(WithoutResult(update, open));
            }

            yield return Named(update);
        }
    }

    private static void Note(ChatResponseUpdate update, HashSet<string> open)
    {
        foreach (AIContent content in update.Contents)
        {
            switch (content)
            {
                case FunctionCallContent call:
                    open.Add(call.CallId);
                    break;
                case FunctionResultContent result:
                    open.Remove(result.CallId);
                    break;
            }
        }
    }

    // A workflow takes a call without a result for one that is still to be made, whatever the call says of itself.
    private static ChatResponseUpdate WithoutResult(ChatResponseUpdate end, HashSet<string> open)
    {
        const string Told = "The run ended before this tool returned a result.";
        return new ChatResponseUpdate(ChatRole.Tool, [.. open.Select(id => new FunctionResultContent(id, Told) { Exception = new InvalidOperationException(Told) })])
        {
            ResponseId = end.ResponseId,
            MessageId = $"{end.MessageId}-results",
            ConversationId = end.ConversationId,
        };
    }

    private static ThreadSession Own(AgentSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session as ThreadSession ?? throw new AmpValidationException(
            $"The session is of type {session.GetType().Name}, which an Amp agent cannot continue.",
            nameof(session),
            "Use a session of AmpAgent.CreateSessionAsync, or a ThreadSession.",
            session);
    }

    private ChatOptions ChatOptionsOf(ThreadSession thread, AgentRunOptions? options)
    {
        ChatOptions chatOptions = new()
        {
            ConversationId = thread.ThreadId,
            Instructions = _instructions,
            ResponseFormat = options?.ResponseFormat,
            Tools = _tools.Length > 0 ? [.. _tools] : null,
        };
#pragma warning disable MEAI001 // It is only handed on, and refused there.
        chatOptions.ContinuationToken = options?.ContinuationToken;
#pragma warning restore MEAI001
        return chatOptions;
    }

    // The response takes the name from the update inside.
    private AgentResponseUpdate Named(ChatResponseUpdate update)
    {
        update.AuthorName = Name;
        return new AgentResponseUpdate(update) { AgentId = Id };
    }
}
