using System.Runtime.CompilerServices;

namespace Amp;

/// <summary>
/// The Amp agent as an <see cref="IChatClient"/>. Each request is a run of the agent, which uses its own tools and those of the request and calls
/// them itself. The client has no state except the runs in progress: any number of requests can be made at the same time, on any thread.
/// </summary>
/// <remarks>
/// The last user message of a request is the prompt. Instructions, system messages and the earlier messages come before it in the same prompt.
/// <see cref="ChatOptions.ConversationId"/> continues a thread. In that case, pass only new messages.
/// </remarks>
public sealed class AmpChatClient : IChatClient
{
    private static readonly ChatClientMetadata s_metadata = new("amp");

    private readonly IAmpClient _client;
    private readonly AmpOptions? _options;
    private readonly CancellationTokenSource _disposal = new();
    private readonly CancellationToken _disposed;

    /// <summary>Creates a client.</summary>
    /// <param name="options">The options of its runs; null for the defaults. The options of a request are added to them, or override them
    /// if both set the same option.</param>
    public AmpChatClient(AmpOptions? options = null)
        : this(new AgentClient(options), options: null)
    {
    }

    /// <summary>Creates a client whose requests are runs of another client, as <see cref="ClientExtensions.AsIChatClient"/> does.</summary>
    /// <param name="client">The client. It is not disposed with this one.</param>
    /// <param name="options">The options of the runs; null for those that <paramref name="client"/> has at the time of the request.</param>
    public AmpChatClient(IAmpClient client, AmpOptions? options)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = options;
        _disposed = _disposal.Token;
    }

    /// <summary>Runs the agent until the end and returns all its messages.</summary>
    /// <param name="messages">The messages. They are only read.</param>
    /// <param name="options">The options of the request; null for none. They are only read.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>The messages of the agent with the results of its tools. <see cref="ChatResponse.ConversationId"/> is the thread, and
    /// <see cref="ChatResponse.RawRepresentation"/> the <see cref="ResultMessage"/>.</returns>
    /// <exception cref="AmpValidationException">A message or an option cannot be used. Nothing was started.</exception>
    /// <exception cref="AmpAgentException">The run ended with an error result.</exception>
    /// <exception cref="AmpException">The run could not be started, or failed.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled, or the client was disposed during the run.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
        }

        ChatResponse response = updates.ToChatResponse();
        response.RawRepresentation = updates[^1].RawRepresentation;
        return response;
    }

    /// <summary>
    /// Runs the agent and returns an update for each message as soon as the CLI writes it. If you leave the loop early, the run and all its
    /// processes are stopped.
    /// </summary>
    /// <param name="messages">The messages. They are only read.</param>
    /// <param name="options">The options of the request; null for none. They are only read.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>The updates. <see cref="ChatResponseUpdate.RawRepresentation"/> is the <see cref="StreamMessage"/>.</returns>
    /// <exception cref="AmpException">As for <see cref="GetResponseAsync"/>, before the first or after the last update.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled, or the client was disposed during the run.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return StreamAsync(messages, options, cancellationToken);
    }

    /// <summary>
    /// Returns a <see cref="ChatClientMetadata"/> with the provider name <c>amp</c>, the <see cref="IAmpClient"/> that runs the agent, or the client itself.
    /// </summary>
    /// <param name="serviceType">The type.</param>
    /// <param name="serviceKey">The key. There are no services with a key.</param>
    /// <returns>Null for every other type.</returns>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? s_metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_client) ? _client
            : null;
    }

    /// <summary>Stops the runs in progress, whose requests then throw an <see cref="OperationCanceledException"/>.</summary>
    public void Dispose()
    {
        if (!_disposed.IsCancellationRequested)
        {
            _disposal.Cancel();
            _disposal.Dispose();
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        ChatRequest request = ChatRequest.Of(this, _options ?? _client.Options, messages, options);
        ResponseUpdates updates = new(request);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed);
        IAsyncEnumerator<StreamMessage> run = _client.ExecuteAsync(request.Prompt, request.Options, stop.Token).GetAsyncEnumerator(CancellationToken.None);
        await using ConfiguredAsyncDisposable ending = run.ConfigureAwait(false);
        while (await NextAsync(run, cancellationToken).ConfigureAwait(false))
        {
            if (updates.Next(run.Current) is ChatResponseUpdate update)
            {
                yield return update;
            }
        }

        updates.ThrowIfFailed();
    }

    // The caller knows its own token and not the one that is linked to it.
    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<StreamMessage> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken) { ThreadId = (exception as AmpCanceledException)?.ThreadId };
        }
    }
}
