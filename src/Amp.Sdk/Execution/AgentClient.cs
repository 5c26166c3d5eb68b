using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Amp.Cli;
using Amp.Execution;
using Amp.Options;
using Amp.Output;
using Amp.Plans;
using Amp.Transports;

namespace Amp;

/// <summary>
/// Runs the Amp agent with its command-line program, as <see cref="AmpClient"/> does, but with default options, and as an object that you can
/// pass to your code as an <see cref="IAmpClient"/>.
/// </summary>
/// <remarks>
/// Every run goes through <see cref="PlanAsync(string, AmpOptions?, CancellationToken)"/>, or its overload for conversations, and then through
/// <see cref="StreamAsync"/>. A derived class that overrides them sees all runs.
/// </remarks>
public class AgentClient : IAmpClient
{
    private readonly AmpOptions _options;

    /// <summary>Creates a client. Nothing is checked or started.</summary>
    /// <param name="options">The options of calls without options; null for the defaults.</param>
    public AgentClient(AmpOptions? options = null) => _options = options ?? new AmpOptions();

    /// <inheritdoc/>
    public virtual AmpOptions Options => _options;

    /// <inheritdoc/>
    public IAsyncEnumerable<StreamMessage> ExecuteAsync(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        MessagesAsync(token => PlanAsync(prompt, options, token), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StreamMessage> ExecuteAsync(
        IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        MessagesAsync(token => PlanAsync(messages, options, token), cancellationToken);

    /// <inheritdoc/>
    public async Task<ResultMessage> RunAsync(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default)
    {
        ResultMessage? result = null;
        await foreach (StreamMessage message in ExecuteAsync(prompt, options, cancellationToken).ConfigureAwait(false))
        {
            result = message as ResultMessage ?? result;
        }

        // A run without a result has already thrown an exception.
        return result is ErrorResultMessage error ? throw new AmpAgentException(error) : result!;
    }

    /// <inheritdoc/>
    [RequiresUnreferencedCode(SerializerFacts.ReflectionMessage)]
    [RequiresDynamicCode(SerializerFacts.ReflectionMessage)]
    public Task<T> RunAsync<T>(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync<T>(prompt, OutputSchema.Of<T>(), options, cancellationToken);

    /// <inheritdoc/>
    public Task<T> RunAsync<T>(
        string prompt, JsonTypeInfo<T> type, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync<T>(prompt, OutputSchema.Of(type), options, cancellationToken);

    /// <inheritdoc/>
    public async Task<AmpCli> GetCliAsync(CliOptions? options = null, CancellationToken cancellationToken = default)
    {
        (AmpTransport transport, CliProgram program, CliLookup lookup) = Locate(options ?? Options);
        if (await transport.AskAsync(program, lookup, cancellationToken).ConfigureAwait(false) is AmpCli cli)
        {
            return cli;
        }

        RunConnection connection = await transport.ConnectAsync(program, lookup, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable owned = connection.ConfigureAwait(false);
        return connection.Found?.Cli ?? throw new AmpValidationException(
            "A replay has no CLI.", nameof(CliOptions.Transport), "Get the CLI without AmpOptions.Transport.", errorId: AmpErrorId.NotReplayed);
    }

    /// <inheritdoc/>
    public virtual async Task<RunPlan> PlanAsync(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default)
    {
        OptionChecks.CheckPrompt(prompt);
        return await RunPlan.OfAsync(RunInput.Of(prompt), options ?? Options, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public virtual Task<RunPlan> PlanAsync(
        IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return RunPlan.OfAsync(RunInput.Of(messages), options ?? Options, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RunPlan> PlanAsync(RunPlan preview, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(preview);
        return preview.CompleteAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public RunPlan Preview(string prompt, AmpOptions? options = null)
    {
        OptionChecks.CheckPrompt(prompt);
        return RunPlan.Preview(RunInput.Of(prompt), options ?? Options);
    }

    /// <inheritdoc/>
    public RunPlan Preview(IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return RunPlan.Preview(RunInput.Of(messages), options ?? Options);
    }

    /// <inheritdoc/>
    public virtual IAsyncEnumerable<AmpEvent> StreamAsync(RunPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.IsOfSession)
        {
            // It would wait for the messages of the session, or take them away.
            throw new AmpValidationException(
                "The plan of a session cannot be run, because only the session has its messages.",
                nameof(plan),
                "Send a message to the session, or plan a run.");
        }

        return RunTelemetry.Observe(
            () => plan.Options.RetryLimit > 0 ? RetriedRun.StreamAsync(plan, cancellationToken) : AgentRun.StreamAsync(plan, cancellationToken),
            plan,
            plan.Input.Text);
    }

    /// <summary>
    /// Gets the last known features of the CLI. Nothing is started, so this takes no time and is suitable for completion.
    /// </summary>
    /// <param name="options">The options, of which only the path, the working directory and the variables are used; null for the
    /// defaults.</param>
    /// <returns>Null if no CLI was found, or if its file has changed since it was asked.</returns>
    internal static AmpCli? RecallCli(CliOptions? options)
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

    private async Task<T> RunAsync<T>(string prompt, OutputSchema schema, AmpOptions? options, CancellationToken cancellationToken)
    {
        options ??= Options;
        if (options.OutputSchema is not null)
        {
            throw new AmpValidationException(
                $"AmpOptions.OutputSchema cannot be used together with the type {typeof(T).Name} of the call.",
                nameof(AmpOptions.OutputSchema),
                "Omit AmpOptions.OutputSchema, or call RunAsync without a type and read the result's Output.",
                options.OutputSchema);
        }

        ResultMessage result = await RunAsync(prompt, options with { OutputSchema = schema }, cancellationToken).ConfigureAwait(false);
        return (T)result.Output!;
    }

    private async IAsyncEnumerable<StreamMessage> MessagesAsync(
        Func<CancellationToken, Task<RunPlan>> plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RunPlan ready = await plan(cancellationToken).ConfigureAwait(false);
        await foreach (StreamMessage message in EventMessages.OfAsync(StreamAsync(ready, cancellationToken), CancellationToken.None).ConfigureAwait(false))
        {
            yield return message;
        }
    }
}
