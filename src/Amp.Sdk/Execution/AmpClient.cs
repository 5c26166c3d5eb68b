using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amp.Cli;
using Amp.Execution;
using Amp.Options;
using Amp.Output;
using Amp.Plans;
using Amp.Transports;

namespace Amp;

/// <summary>Runs the Amp agent with its command-line program.</summary>
public static class AmpClient
{
    /// <summary>
    /// Runs a prompt and returns each message as soon as the CLI writes it. If you leave the loop early, the run and all its processes are
    /// stopped.
    /// </summary>
    /// <param name="prompt">The task for the agent. It is passed by standard input and can have any length.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <param name="cancellationToken">Asks the run to end. The CLI then has a short time to write a last result with the thread ID, which
    /// is still returned.</param>
    /// <exception cref="AmpException">Before the first message: an option cannot be used, or no CLI was found. After the last message: the
    /// run failed, or a line could not be read. An error result is the last message, not an exception.</exception>
    public static IAsyncEnumerable<StreamMessage> ExecuteAsync(
        string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        MessagesAsync(token => PlanAsync(prompt, options, token), cancellationToken);

    /// <summary>
    /// Runs a conversation: the agent gets each message when it has answered the previous one, and there is one result at the end. An
    /// exception of the message source ends the run and is thrown unchanged.
    /// </summary>
    /// <param name="messages">The user messages, which can arrive while the agent works.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpException">As for a single prompt.</exception>
    public static IAsyncEnumerable<StreamMessage> ExecuteAsync(
        IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        MessagesAsync(token => PlanAsync(messages, options, token), cancellationToken);

    /// <summary>Runs a prompt until the end and returns the result.</summary>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpAgentException">The run ended with an error result.</exception>
    /// <exception cref="AmpException">The run could not be started, or failed.</exception>
    public static async Task<ResultMessage> RunAsync(
        string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default)
    {
        ResultMessage? result = null;
        await foreach (StreamMessage message in ExecuteAsync(prompt, options, cancellationToken).ConfigureAwait(false))
        {
            result = message as ResultMessage ?? result;
        }

        // A run without a result has already thrown an exception.
        return result is ErrorResultMessage error ? throw new AmpAgentException(error) : result!;
    }

    /// <summary>Runs a prompt until the end and returns the answer as an object of a type.</summary>
    /// <typeparam name="T">The type of the answer; see <see cref="OutputSchema.Of{T}(JsonSerializerOptions?)"/>.</typeparam>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run, without an output schema; null for the defaults.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpOutputException">The run ended without an answer, or no answer matches the type.</exception>
    /// <exception cref="AmpAgentException">The run ended with an error result.</exception>
    /// <exception cref="AmpException">A schema cannot be created for the type, or the run could not be started or failed.</exception>
    [RequiresUnreferencedCode(SerializerFacts.ReflectionMessage)]
    [RequiresDynamicCode(SerializerFacts.ReflectionMessage)]
    public static Task<T> RunAsync<T>(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync<T>(prompt, OutputSchema.Of<T>(), options, cancellationToken);

    /// <summary>Runs a prompt until the end and returns the answer as an object of a source-generated type.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="type">The type, as described by a <c>JsonSerializerContext</c>.</param>
    /// <param name="options">The options of the run, without an output schema; null for the defaults.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpOutputException">The run ended without an answer, or no answer matches the type.</exception>
    /// <exception cref="AmpAgentException">The run ended with an error result.</exception>
    /// <exception cref="AmpException">A schema cannot be created for the type, or the run could not be started or failed.</exception>
    public static Task<T> RunAsync<T>(
        string prompt, JsonTypeInfo<T> type, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync<T>(prompt, OutputSchema.Of(type), options, cancellationToken);

    private static async Task<T> RunAsync<T>(string prompt, OutputSchema schema, AmpOptions? options, CancellationToken cancellationToken)
    {
        options ??= new AmpOptions();
        if (options.OutputSchema is not null)
        {
            throw new AmpValidationException(
                $"AmpOptions.OutputSchema is set, and the call names the type {typeof(T).Name} too.",
                nameof(AmpOptions.OutputSchema),
                "Omit AmpOptions.OutputSchema, or call RunAsync without a type and read the result's Output.",
                options.OutputSchema);
        }

        ResultMessage result = await RunAsync(prompt, options with { OutputSchema = schema }, cancellationToken).ConfigureAwait(false);
        return (T)result.Output!;
    }

    /// <summary>Finds the CLI and gets its version and features. The answer is cached.</summary>
    /// <param name="options">The options, of which only the path, the working directory and the variables are used; null for the
    /// defaults.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="AmpCliNotFoundException">No CLI was found, it cannot be started, or it is another program.</exception>
    public static async Task<AmpCli> GetCliAsync(CliOptions? options = null, CancellationToken cancellationToken = default)
    {
        (AmpTransport transport, CliProgram program, CliLookup lookup) = Locate(options ?? new CliOptions());
        if (await transport.AskAsync(program, lookup, cancellationToken).ConfigureAwait(false) is AmpCli cli)
        {
            return cli;
        }

        RunConnection connection = await transport.ConnectAsync(program, lookup, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable owned = connection.ConfigureAwait(false);
        return connection.Found?.Cli ?? throw new AmpValidationException(
            "A replay has no CLI.", nameof(CliOptions.Transport), "Ask for the CLI without AmpOptions.Transport.", errorId: AmpErrorId.NotReplayed);
    }

    /// <summary>
    /// Gets the last known features of the CLI. Nothing is started, so this takes no time and is suitable for completion.
    /// </summary>
    /// <param name="options">The options, of which only the path, the working directory and the variables are used; null for the
    /// defaults.</param>
    /// <returns>Null if no CLI was found, or if its file has changed since it was asked.</returns>
    internal static AmpCli? RecallCli(CliOptions? options = null)
    {
        try
        {
            (AmpTransport transport, CliProgram program, CliLookup lookup) = Locate(options ?? new CliOptions());
            return transport.Recall(program, lookup);
        }
        catch (Exception exception) when (exception is AmpException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Checks all options and creates the plan of a run.</summary>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the query of the CLI's features.</param>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    public static async Task<RunPlan> PlanAsync(
        string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default)
    {
        OptionChecks.CheckPrompt(prompt);
        return await RunPlan.OfAsync(RunInput.Of(prompt), options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates the plan of a conversation: the agent gets each message when it has answered the previous one.</summary>
    /// <param name="messages">The user messages. The run ends when they end and the last one is answered.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the query of the CLI's features.</param>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    public static Task<RunPlan> PlanAsync(
        IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return RunPlan.OfAsync(RunInput.Of(messages), options, cancellationToken);
    }

    /// <summary>
    /// Creates the plan of a run without starting or writing anything. A CLI whose features are unknown is not asked; what depends on them
    /// is omitted.
    /// </summary>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    public static RunPlan Preview(string prompt, AmpOptions? options = null)
    {
        OptionChecks.CheckPrompt(prompt);
        return RunPlan.Preview(RunInput.Of(prompt), options);
    }

    /// <summary>Creates the same plan for a conversation, without reading its messages.</summary>
    /// <param name="messages">The user messages.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    public static RunPlan Preview(IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return RunPlan.Preview(RunInput.Of(messages), options);
    }

    /// <summary>Completes a preview, so that it can be run: the CLI is asked for its features unless they are known.</summary>
    /// <param name="preview">The preview. What was read and checked for it is used again.</param>
    /// <param name="cancellationToken">Cancels the request to the CLI.</param>
    /// <exception cref="AmpException">The CLI cannot be started, or it lacks a requested feature.</exception>
    public static Task<RunPlan> PlanAsync(RunPlan preview, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(preview);
        return preview.CompleteAsync(cancellationToken);
    }

    /// <summary>Runs a plan and returns all events in order: messages, and everything else that must not be lost.</summary>
    /// <param name="plan">The plan of the run, which includes its prompt.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpException">After the last event: the run failed.</exception>
    public static IAsyncEnumerable<AmpEvent> StreamAsync(
        RunPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return RunTelemetry.Observe(
            () => plan.Options.RetryLimit > 0 ? RetriedRun.StreamAsync(plan, cancellationToken) : AgentRun.StreamAsync(plan, cancellationToken),
            plan,
            plan.Input.Text);
    }

    private static (AmpTransport Transport, CliProgram Program, CliLookup Lookup) Locate(CliOptions options)
    {
        OptionChecks.CheckCliPath(options);
        AmpTransport transport = options.Transport ?? LocalTransport.Shared;
        CliLookup lookup;
        if (transport.IsLocal)
        {
            lookup = new CliLookup(options.CliPath, OptionChecks.WorkingDirectory(options), RunEnvironment.Build(options.Environment), []);
        }
        else
        {
            (Dictionary<string, string> set, IReadOnlyCollection<string> removed) = RunEnvironment.BuildElsewhere(options.Environment, noColor: true);
            lookup = new CliLookup(options.CliPath, OtherMachine.WorkingDirectory(options), set, removed);
        }

        return (transport, transport.Find(lookup), lookup);
    }

    private static async IAsyncEnumerable<StreamMessage> MessagesAsync(
        Func<CancellationToken, Task<RunPlan>> plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RunPlan ready = await plan(cancellationToken).ConfigureAwait(false);
        await foreach (StreamMessage message in EventMessages.OfAsync(StreamAsync(ready, cancellationToken), CancellationToken.None).ConfigureAwait(false))
        {
            yield return message;
        }
    }
}
