using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amp.Cli;
using Amp.Execution;
using Amp.Options;
using Amp.Plans;

namespace Amp;

/// <summary>Runs the Amp agent by its command line program.</summary>
public static class AmpClient
{
    /// <summary>
    /// Runs a prompt and gives each message the moment the CLI has written it. Leaving the loop early ends the run and every
    /// process of it.
    /// </summary>
    /// <param name="prompt">What the agent is to do. It goes to the CLI by its standard input and can be of any length.</param>
    /// <param name="options">What the run is given; null for nothing.</param>
    /// <param name="cancellationToken">
    /// Asks the run to end. The CLI then has a moment to write a last result, which is still given, with the thread's ID.
    /// </param>
    /// <exception cref="AmpException">
    /// Before the first message: something that was given cannot be used, or no CLI was found. After the last: the run did not
    /// end well, or a line could not be read. An error result is no exception here; it is the last message.
    /// </exception>
    public static IAsyncEnumerable<StreamMessage> ExecuteAsync(
        string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        MessagesAsync(token => PlanAsync(prompt, options, token), cancellationToken);

    /// <summary>
    /// Holds a conversation: each message is given to the agent when it has answered the one before, and there is one result at the
    /// end. What goes wrong with the messages ends the run and is thrown as it is.
    /// </summary>
    /// <param name="messages">What the user says; they may come while the agent works.</param>
    /// <param name="options">What the run is given; null for nothing.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpException">As for a single prompt.</exception>
    public static IAsyncEnumerable<StreamMessage> ExecuteAsync(
        IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        MessagesAsync(token => PlanAsync(messages, options, token), cancellationToken);

    /// <summary>Runs a prompt to its end and gives the result.</summary>
    /// <param name="prompt">What the agent is to do.</param>
    /// <param name="options">What the run is given; null for nothing.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpAgentException">The run ended with an error result.</exception>
    /// <exception cref="AmpException">The run could not be started or did not end well.</exception>
    public static async Task<ResultMessage> RunAsync(
        string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default)
    {
        ResultMessage? result = null;
        await foreach (StreamMessage message in ExecuteAsync(prompt, options, cancellationToken).ConfigureAwait(false))
        {
            result = message as ResultMessage ?? result;
        }

        // A run without a result has already been an exception.
        return result is ErrorResultMessage error ? throw new AmpAgentException(error) : result!;
    }

    /// <summary>Runs a prompt to its end and gives the answer as an object of a type.</summary>
    /// <typeparam name="T">What the answer is; see <see cref="OutputSchema.Of{T}(JsonSerializerOptions?)"/>.</typeparam>
    /// <param name="prompt">What the agent is to do.</param>
    /// <param name="options">What the run is given, without an output schema; null for nothing.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpOutputException">The run ended without an answer, or none fits the type.</exception>
    /// <exception cref="AmpAgentException">The run ended with an error result.</exception>
    /// <exception cref="AmpException">The type cannot be described, the run could not be started or did not end well.</exception>
    public static Task<T> RunAsync<T>(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync<T>(prompt, OutputSchema.Of<T>(), options, cancellationToken);

    /// <summary>Runs a prompt to its end and gives the answer as an object of a type that source generation describes.</summary>
    /// <typeparam name="T">What the answer is.</typeparam>
    /// <param name="prompt">What the agent is to do.</param>
    /// <param name="type">The type, as a <c>JsonSerializerContext</c> describes it.</param>
    /// <param name="options">What the run is given, without an output schema; null for nothing.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpOutputException">The run ended without an answer, or none fits the type.</exception>
    /// <exception cref="AmpAgentException">The run ended with an error result.</exception>
    /// <exception cref="AmpException">The type cannot be described, the run could not be started or did not end well.</exception>
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

    /// <summary>Finds the CLI and asks it what it is and what it can do; the answer is kept for the next time.</summary>
    /// <param name="options">Only the path, the working directory and the variables matter here; null for none.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="AmpCliNotFoundException">There is none, it cannot be started, or it is another program.</exception>
    public static async Task<AmpCli> GetCliAsync(CliOptions? options = null, CancellationToken cancellationToken = default)
    {
        (CliProgram program, Dictionary<string, string> environment, string workingDirectory) = Locate(options ?? new CliOptions());
        return await CliProbe.AskAsync(program, environment, workingDirectory, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// What the CLI said of itself when it was last asked. Nothing is started, so this takes no time: it is for offering somebody who types
    /// what the CLI knows.
    /// </summary>
    /// <param name="options">Only the path, the working directory and the variables matter here; null for none.</param>
    /// <returns>Null where no CLI was found, or where it was not asked since its file has changed.</returns>
    public static AmpCli? RecallCli(CliOptions? options = null)
    {
        try
        {
            (CliProgram program, Dictionary<string, string> environment, _) = Locate(options ?? new CliOptions());
            return CliProbe.Recall(program, environment);
        }
        catch (Exception exception) when (exception is AmpException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Checks everything that can be checked and makes the plan of a run.</summary>
    /// <param name="prompt">What the agent is to do.</param>
    /// <param name="options">What the run is given; null for nothing.</param>
    /// <param name="cancellationToken">Gives up asking the CLI.</param>
    /// <exception cref="AmpException">Something that was given cannot be used, or no CLI was found.</exception>
    public static async Task<RunPlan> PlanAsync(
        string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default)
    {
        OptionChecks.CheckPrompt(prompt);
        return await RunPlan.OfAsync(RunInput.Of(prompt), options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same for a conversation: each message is given to the agent when it has answered the one before.</summary>
    /// <param name="messages">What the user says; the run ends when they end and the last one is answered.</param>
    /// <param name="options">What the run is given; null for nothing.</param>
    /// <param name="cancellationToken">Gives up asking the CLI.</param>
    /// <exception cref="AmpException">Something that was given cannot be used, or no CLI was found.</exception>
    public static Task<RunPlan> PlanAsync(
        IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return RunPlan.OfAsync(RunInput.Of(messages), options, cancellationToken);
    }

    /// <summary>
    /// Makes the plan of a run without starting or writing anything. A CLI that was never asked what it can do is not asked
    /// now either; what depends on it is left out then.
    /// </summary>
    /// <param name="prompt">What the agent is to do.</param>
    /// <param name="options">What the run is given; null for nothing.</param>
    /// <exception cref="AmpException">Something that was given cannot be used, or no CLI was found.</exception>
    public static RunPlan Preview(string prompt, AmpOptions? options = null)
    {
        OptionChecks.CheckPrompt(prompt);
        return RunPlan.Preview(RunInput.Of(prompt), options);
    }

    /// <summary>The same for a conversation, whose messages are not read for it.</summary>
    /// <param name="messages">What the user would say.</param>
    /// <param name="options">What the run is given; null for nothing.</param>
    /// <exception cref="AmpException">Something that was given cannot be used, or no CLI was found.</exception>
    public static RunPlan Preview(IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return RunPlan.Preview(RunInput.Of(messages), options);
    }

    /// <summary>
    /// Runs a plan and reports everything in order: messages, and also what is no message and still should not be lost.
    /// </summary>
    /// <param name="plan">The plan of the run, which holds its prompt.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpException">After the last event: the run did not end well.</exception>
    public static IAsyncEnumerable<AmpEvent> StreamAsync(
        RunPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Options.RetryLimit > 0 ? RetriedRun.StreamAsync(plan, exited: null, cancellationToken) : AgentRun.StreamAsync(plan, cancellationToken);
    }

    /// <summary>The same, and tells how the CLI itself has ended. Alone that proves nothing: the CLIs of 2026 exit with 0 after failed runs.</summary>
    /// <param name="plan">The plan of the run, which holds its prompt.</param>
    /// <param name="exited">Called behind the last event with the exit code or the signal, in words: <c>exit code 0</c>.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <exception cref="AmpException">After the last event: the run did not end well.</exception>
    public static IAsyncEnumerable<AmpEvent> StreamAsync(
        RunPlan plan, Action<string> exited, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(exited);
        return plan.Options.RetryLimit > 0
            ? RetriedRun.StreamAsync(plan, exited, cancellationToken)
            : AgentRun.StreamAsync(plan, cancellationToken, new RunRole { Exited = exited });
    }

    private static (CliProgram Program, Dictionary<string, string> Environment, string WorkingDirectory) Locate(CliOptions options)
    {
        OptionChecks.CheckCliPath(options);
        string workingDirectory = OptionChecks.WorkingDirectory(options);
        Dictionary<string, string> environment = RunEnvironment.Build(options.Environment);
        CliProgram program = new CliLocator(environment, workingDirectory).Find(options.CliPath);
        return (program, environment, workingDirectory);
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
