using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amp.Output;

namespace Amp;

/// <summary>
/// Runs the Amp agent. <see cref="AgentClient"/> runs it with the CLI. If your code uses this interface, you can replace the implementation in a test. An
/// implementation keeps no state of a run, so you can make any number of calls at the same time, on any thread.
/// </summary>
public interface IAmpClient
{
    /// <summary>The options of calls without options. For a call that differs in one of them, use <c>client.Options with { ... }</c>.</summary>
    AmpOptions Options { get; }

    /// <summary>
    /// Runs a prompt and returns each message as soon as the CLI writes it. If you leave the loop early, the run and all its processes are
    /// stopped.
    /// </summary>
    /// <param name="prompt">The task for the agent. It is passed by standard input and can have any length.</param>
    /// <param name="options">The options of the run; null for <see cref="Options"/>.</param>
    /// <param name="cancellationToken">Asks the run to end. The CLI then has a short time to write a last result with the thread ID, which
    /// is still returned.</param>
    /// <exception cref="AmpException">Before the first message: an option cannot be used, or no CLI was found. After the last message: the
    /// run failed, or a line could not be read. An error result is the last message, not an exception.</exception>
    IAsyncEnumerable<StreamMessage> ExecuteAsync(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Runs a conversation: the agent gets each message when it has answered the previous one, and there is one result at the end. An
    /// exception of the message source ends the run and is thrown unchanged.
    /// </summary>
    /// <param name="messages">The user messages, which can arrive while the agent works.</param>
    /// <param name="options">The options of the run; null for <see cref="Options"/>.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpException">As for a single prompt.</exception>
    IAsyncEnumerable<StreamMessage> ExecuteAsync(
        IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Runs a prompt until the end and returns the result.</summary>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run; null for <see cref="Options"/>.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpAgentException">The run ended with an error result.</exception>
    /// <exception cref="AmpException">The run could not be started, or failed.</exception>
    Task<ResultMessage> RunAsync(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Runs a prompt until the end and returns the answer as an object of a type.</summary>
    /// <typeparam name="T">The type of the answer; see <see cref="OutputSchema.Of{T}(JsonSerializerOptions?)"/>.</typeparam>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run, without an output schema; null for <see cref="Options"/>.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpOutputException">The run ended without an answer, or no answer matches the type.</exception>
    /// <exception cref="AmpAgentException">The run ended with an error result.</exception>
    /// <exception cref="AmpException">A schema cannot be created for the type, or the run could not be started or failed.</exception>
    [RequiresUnreferencedCode(SerializerFacts.ReflectionMessage)]
    [RequiresDynamicCode(SerializerFacts.ReflectionMessage)]
    Task<T> RunAsync<T>(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Runs a prompt until the end and returns the answer as an object of a source-generated type.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="type">The type, as described by a <c>JsonSerializerContext</c>.</param>
    /// <param name="options">The options of the run, without an output schema; null for <see cref="Options"/>.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpOutputException">The run ended without an answer, or no answer matches the type.</exception>
    /// <exception cref="AmpAgentException">The run ended with an error result.</exception>
    /// <exception cref="AmpException">A schema cannot be created for the type, or the run could not be started or failed.</exception>
    Task<T> RunAsync<T>(string prompt, JsonTypeInfo<T> type, AmpOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Finds the CLI and gets its version and features. The answer is cached.</summary>
    /// <param name="options">The options, of which only the path, the working directory and the variables are used; null for
    /// <see cref="Options"/>.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="AmpCliNotFoundException">No CLI was found, it cannot be started, or it is another program.</exception>
    Task<AmpCli> GetCliAsync(CliOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Checks all options and creates the plan of a run.</summary>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run; null for <see cref="Options"/>.</param>
    /// <param name="cancellationToken">Cancels the query of the CLI's features.</param>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    Task<RunPlan> PlanAsync(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Creates the plan of a conversation: the agent gets each message when it has answered the previous one.</summary>
    /// <param name="messages">The user messages. The run ends when they end and the last one is answered.</param>
    /// <param name="options">The options of the run; null for <see cref="Options"/>.</param>
    /// <param name="cancellationToken">Cancels the query of the CLI's features.</param>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    Task<RunPlan> PlanAsync(IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Completes a preview, so that it can be run: the CLI is asked for its features unless they are known.</summary>
    /// <param name="preview">The preview. What was read and checked for it is used again.</param>
    /// <param name="cancellationToken">Cancels the request to the CLI.</param>
    /// <exception cref="AmpException">The CLI cannot be started, or it lacks a requested feature.</exception>
    Task<RunPlan> PlanAsync(RunPlan preview, CancellationToken cancellationToken = default);

    /// <summary>
    /// Creates the plan of a run without starting or writing anything. A CLI whose features are unknown is not asked; what depends on them
    /// is omitted.
    /// </summary>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run; null for <see cref="Options"/>.</param>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    RunPlan Preview(string prompt, AmpOptions? options = null);

    /// <summary>Creates the same plan for a conversation, without reading its messages.</summary>
    /// <param name="messages">The user messages.</param>
    /// <param name="options">The options of the run; null for <see cref="Options"/>.</param>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    RunPlan Preview(IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null);

    /// <summary>
    /// Runs a plan and returns all events in order: messages, and everything else that must not be lost. A preview is completed first
    /// (<see cref="PlanAsync(RunPlan, CancellationToken)"/>).
    /// </summary>
    /// <param name="plan">The plan of the run, which includes its prompt and its options.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpValidationException">The plan is that of a session.</exception>
    /// <exception cref="AmpException">Before the first event: a preview cannot be completed. After the last event: the run failed.</exception>
    IAsyncEnumerable<AmpEvent> StreamAsync(RunPlan plan, CancellationToken cancellationToken = default);
}
