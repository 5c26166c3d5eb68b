using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amp.Files;
using Amp.Json;
using Amp.Output;
using Amp.ToolServer;

namespace Amp;

/// <summary>
/// The shape that the agent's answer must have, as a JSON Schema, and how the answer becomes an object. A run that is given one ends with
/// <see cref="ResultMessage.Output"/>, or with an error that says why there is none.
/// </summary>
public sealed class OutputSchema
{
    private const int DeepestSchema = 64;

    private readonly Func<string, CancellationToken, Task<object?>> _read;
    private readonly Lazy<SchemaValidator> _validator;

    private OutputSchema(string json, Func<string, CancellationToken, Task<object?>> read)
    {
        Json = json;
        _read = read;
        _validator = new Lazy<SchemaValidator>(() => SchemaValidator.Create(json));
        Check();
        Envelope = OutputEnvelope.Of(json);
    }

    /// <summary>The JSON Schema.</summary>
    public string Json { get; }

    /// <summary>How the schema is offered to the model, whose tools take objects only.</summary>
    internal OutputEnvelope Envelope { get; }

    /// <summary>Makes a schema of JSON text. The answer becomes a tree of ordered dictionaries, arrays, texts, numbers and booleans.</summary>
    /// <param name="json">A JSON Schema of draft 2020-12, or of the draft that its <c>$schema</c> names: 2019-09, 7 or 6.</param>
    /// <exception cref="AmpValidationException">It is not a JSON Schema, or refers to another document.</exception>
    public static OutputSchema Parse(string json) => Create(json, static (answer, _) => Task.FromResult(JsonValue.ParseOrNull(answer)));

    /// <summary>Reads a schema from a file; otherwise as <see cref="Parse"/>.</summary>
    /// <param name="path">The file, UTF-8, at most 16 MiB.</param>
    /// <exception cref="AmpValidationException">The file cannot be read, or does not hold a JSON Schema.</exception>
    public static OutputSchema FromFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return Parse(BoundedFile.ReadText(Path.GetFullPath(path)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new AmpValidationException(
                $"The schema file '{path}' cannot be read: {exception.Message}", AmpOptionName.OutputSchema, "Give the path of a file with a JSON Schema.", path);
        }
    }

    /// <summary>Makes a schema of a type. The answer becomes an object of it.</summary>
    /// <typeparam name="T">A class, record, enum, dictionary, list or array that <see cref="JsonSerializer"/> can read.</typeparam>
    /// <param name="options">
    /// How the type is written as JSON: names, converters, a source-generated resolver. Null for the defaults, with enums by their names.
    /// </param>
    /// <exception cref="AmpValidationException">The type refers to itself, or has a part that no schema can describe; the message names the place.</exception>
    public static OutputSchema Of<T>(JsonSerializerOptions? options = null) =>
        Of((JsonTypeInfo<T>)TypeSchema.OptionsOf(options).GetTypeInfo(typeof(T)));

    /// <summary>Makes a schema of a type that is described by source generation; otherwise as <see cref="Of{T}(JsonSerializerOptions?)"/>.</summary>
    /// <param name="type">The type, as a <c>JsonSerializerContext</c> describes it.</param>
    /// <exception cref="AmpValidationException">The type refers to itself, or has a part that no schema can describe.</exception>
    public static OutputSchema Of<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Create(TypeSchema.Of(type).ToJsonString(), (answer, _) => Task.FromResult<object?>(JsonSerializer.Deserialize(answer, type)));
    }

    /// <summary>Makes a schema with a way of your own to make an object of the answer.</summary>
    /// <param name="json">A JSON Schema.</param>
    /// <param name="read">
    /// Is given the answer as JSON text that fits the schema, and gives <see cref="ResultMessage.Output"/>. The message of what it throws is told to
    /// the model, which may then answer again. It is called on any thread.
    /// </param>
    /// <exception cref="AmpValidationException">It is not a JSON Schema, or refers to another document.</exception>
    public static OutputSchema Create(string json, Func<string, CancellationToken, Task<object?>> read)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(read);
        return new OutputSchema(json, read);
    }

    /// <summary>The schema as JSON.</summary>
    public override string ToString() => Json;

    /// <summary>What does not fit the schema, each with its place; empty where everything does.</summary>
    internal IReadOnlyList<string> FaultsOf(string answer) => _validator.Value.Check(answer);

    internal Task<object?> ReadAsync(string answer, CancellationToken cancellationToken) => _read(answer, cancellationToken);

    private void Check()
    {
        string? fault = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(Json, new JsonDocumentOptions { MaxDepth = DeepestSchema });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                fault = "it is not a JSON object";
            }
            else
            {
                _ = _validator.Value;
            }
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            fault = exception.Message;
        }

        if (fault is not null)
        {
            throw new AmpValidationException(
                $"The output schema is not a JSON Schema that can be used: {TerminalText.Strip(fault)}",
                AmpOptionName.OutputSchema,
                """Give a JSON Schema such as {"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}, in one document.""",
                Json);
        }
    }
}
