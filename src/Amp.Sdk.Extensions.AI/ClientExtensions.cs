namespace Amp;

/// <summary>Creates chat clients and functions from clients of the Amp agent, such as a client that is registered in a host.</summary>
public static class ClientExtensions
{
    /// <summary>Gets a client as an <see cref="IChatClient"/>. Nothing is started.</summary>
    /// <param name="client">The client that runs the agent. It is not disposed with the chat client.</param>
    /// <param name="options">The options of the runs; null for those that <paramref name="client"/> has at the time of the request.</param>
    public static AmpChatClient AsIChatClient(this IAmpClient client, AmpOptions? options = null) => new(client, options);

    /// <summary>Gets a client as a function with one argument, <c>prompt</c>, as <see cref="AgentFunction.Create"/> does.</summary>
    /// <param name="client">The client, whose options are those of the runs.</param>
    /// <param name="name">The name of the function.</param>
    /// <param name="description">What the agent is for. The model chooses functions by this text. Null for a general description.</param>
    public static AIFunction AsAIFunction(this IAmpClient client, string name = AgentFunction.DefaultName, string? description = null) =>
        AgentFunction.Of(client, name, description);
}
