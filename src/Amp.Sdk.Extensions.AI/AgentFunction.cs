using System.Text.Json;

namespace Amp;

/// <summary>The Amp agent as a function that another model can call.</summary>
public static class AgentFunction
{
    /// <summary>The default name of the function.</summary>
    public const string DefaultName = "amp_agent";

    /// <summary>Creates a function with one argument, <c>prompt</c>, that runs the agent and returns its answer.</summary>
    /// <param name="options">The options of the runs; null for the defaults. Each call is a run with a new thread, unless the options contain a thread.</param>
    /// <param name="name">The name of the function.</param>
    /// <param name="description">What the agent is for. The model chooses functions by this text. Null for a general description.</param>
    /// <returns>A function that returns the text of the answer, or the JSON of <see cref="AmpOptions.OutputSchema"/>. It throws what
    /// <see cref="AmpClient.RunAsync(string, AmpOptions?, CancellationToken)"/> throws. Canceling a call stops its run.</returns>
    public static AIFunction Create(AmpOptions? options = null, string name = DefaultName, string? description = null) =>
        Of(new AgentClient(options), name, description);

    /// <summary>Creates the same function for the runs of a client.</summary>
    internal static AIFunction Of(IAmpClient client, string name, string? description)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new Function(client, name, description ?? Function.GeneralDescription);
    }

    private sealed class Function : AIFunction
    {
        public const string GeneralDescription =
            "Gives a task to a coding agent that can read and change files and run commands in its folder. Returns the answer of the agent.";

        private const string Prompt = "prompt";

        private static readonly JsonElement s_schema = Parse(
            """{"type":"object","properties":{"prompt":{"type":"string","description":"The whole task. The agent knows nothing else."}},"required":["prompt"]}""");

        private readonly IAmpClient _client;

        public Function(IAmpClient client, string name, string description)
        {
            _client = client;
            Name = name;
            Description = description;
            ReturnJsonSchema = client.Options.OutputSchema is OutputSchema schema ? Parse(schema.Json) : Parse("""{"type":"string"}""");
        }

        public override string Name { get; }

        public override string Description { get; }

        public override JsonElement JsonSchema => s_schema;

        public override JsonElement? ReturnJsonSchema { get; }

        protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            string? prompt = arguments.GetValueOrDefault(Prompt) switch
            {
                string text => text,
                JsonElement { ValueKind: JsonValueKind.String } text => text.GetString(),
                _ => null,
            };
            if (prompt is null)
            {
                throw new AmpValidationException($"The argument '{Prompt}' is missing or not a string.", Prompt, "Describe the task for the agent.");
            }

            ResultMessage result = await _client.RunAsync(prompt, options: null, cancellationToken).ConfigureAwait(false);
            return result.OutputJson is string output ? Parse(output) : result.Result;
        }

        private static JsonElement Parse(string json)
        {
            using JsonDocument document = JsonDocument.Parse(json, FunctionTools.Reading);
            return document.RootElement.Clone();
        }
    }
}
