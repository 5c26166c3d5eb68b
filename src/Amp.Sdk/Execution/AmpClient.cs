using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Amp.Output;

namespace Amp;

/// <summary>
/// Runs the Amp agent with its command-line program. This class is an <see cref="AgentClient"/> without its own options, for programs that do not require an object.
/// </summary>
public static class AmpClient
{
    private static readonly AgentClient s_client = new();

    /// <inheritdoc cref="IAmpClient.ExecuteAsync(string, AmpOptions?, CancellationToken)"/>
    /// <param name="prompt">The task for the agent. It is passed by standard input and can have any length.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <param name="cancellationToken">Asks the run to end. The CLI then has a short time to write a last result with the thread ID, which
    /// is still returned.</param>
    public static IAsyncEnumerable<StreamMessage> ExecuteAsync(
        string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        s_client.ExecuteAsync(prompt, options, cancellationToken);

    /// <inheritdoc cref="IAmpClient.ExecuteAsync(IAsyncEnumerable{UserInputMessage}, AmpOptions?, CancellationToken)"/>
    /// <param name="messages">The user messages, which can arrive while the agent works.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    public static IAsyncEnumerable<StreamMessage> ExecuteAsync(
        IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        s_client.ExecuteAsync(messages, options, cancellationToken);

    /// <inheritdoc cref="IAmpClient.RunAsync(string, AmpOptions?, CancellationToken)"/>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    public static Task<ResultMessage> RunAsync(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        s_client.RunAsync(prompt, options, cancellationToken);

    /// <inheritdoc cref="IAmpClient.RunAsync{T}(string, AmpOptions?, CancellationToken)"/>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run, without an output schema; null for the defaults.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    [RequiresUnreferencedCode(SerializerFacts.ReflectionMessage)]
    [RequiresDynamicCode(SerializerFacts.ReflectionMessage)]
    public static Task<T> RunAsync<T>(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        s_client.RunAsync<T>(prompt, options, cancellationToken);

    /// <inheritdoc cref="IAmpClient.RunAsync{T}(string, JsonTypeInfo{T}, AmpOptions?, CancellationToken)"/>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="type">The type, as described by a <c>JsonSerializerContext</c>.</param>
    /// <param name="options">The options of the run, without an output schema; null for the defaults.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    public static Task<T> RunAsync<T>(
        string prompt, JsonTypeInfo<T> type, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        s_client.RunAsync(prompt, type, options, cancellationToken);

    /// <inheritdoc cref="IAmpClient.GetCliAsync"/>
    /// <param name="options">The options, of which only the path, the working directory and the variables are used; null for the
    /// defaults.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static Task<AmpCli> GetCliAsync(CliOptions? options = null, CancellationToken cancellationToken = default) =>
        s_client.GetCliAsync(options, cancellationToken);

    /// <inheritdoc cref="AgentClient.RecallCli"/>
    internal static AmpCli? RecallCli(CliOptions? options = null) => AgentClient.RecallCli(options);

    /// <inheritdoc cref="IAmpClient.PlanAsync(string, AmpOptions?, CancellationToken)"/>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the query of the CLI's features.</param>
    public static Task<RunPlan> PlanAsync(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        s_client.PlanAsync(prompt, options, cancellationToken);

    /// <inheritdoc cref="IAmpClient.PlanAsync(IAsyncEnumerable{UserInputMessage}, AmpOptions?, CancellationToken)"/>
    /// <param name="messages">The user messages. The run ends when they end and the last one is answered.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the query of the CLI's features.</param>
    public static Task<RunPlan> PlanAsync(
        IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        s_client.PlanAsync(messages, options, cancellationToken);

    /// <inheritdoc cref="IAmpClient.Preview(string, AmpOptions?)"/>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    public static RunPlan Preview(string prompt, AmpOptions? options = null) => s_client.Preview(prompt, options);

    /// <inheritdoc cref="IAmpClient.Preview(IAsyncEnumerable{UserInputMessage}, AmpOptions?)"/>
    /// <param name="messages">The user messages.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    public static RunPlan Preview(IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null) => s_client.Preview(messages, options);

    /// <inheritdoc cref="IAmpClient.PlanAsync(RunPlan, CancellationToken)"/>
    public static Task<RunPlan> PlanAsync(RunPlan preview, CancellationToken cancellationToken = default) =>
        s_client.PlanAsync(preview, cancellationToken);

    /// <inheritdoc cref="IAmpClient.StreamAsync"/>
    public static IAsyncEnumerable<AmpEvent> StreamAsync(RunPlan plan, CancellationToken cancellationToken = default) =>
        s_client.StreamAsync(plan, cancellationToken);
}
