using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amp.Files;
using Amp.Json;
using Amp.Output;
using Amp.ToolServer;

namespace Amp;

/// <summary>
/// The schema of the agent's answer, as a JSON Schema, and the conversion of the answer to an object. A run with a schema ends with
/// <see cref="ResultMessage.Output"/>, or with an error that contains the reason.
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

    /// <summary>The schema for the model, whose tools accept only objects.</summary>
    internal OutputEnvelope Envelope { get; }

    /// <summary>
    /// Creates a schema from JSON text. The answer becomes a tree of ordered dictionaries, arrays, strings, numbers and booleans.
    /// </summary>
    /// <param name="json">A JSON Schema of draft 2020-12, or of the draft in its <c>$schema</c>: 2019-09, 7 or 6.</param>
    /// <exception cref="AmpValidationException">The text is not a JSON Schema, or refers to another document.</exception>
    public static OutputSchema Parse(string json) => Create(json, static (answer, _) => Task.FromResult(JsonValue.ParseOrNull(answer)));

    /// <summary>Reads a schema from a file. Otherwise, it works like <see cref="Parse"/>.</summary>
    /// <param name="path">The file, in UTF-8, with at most 16 MiB.</param>
    /// <exception cref="AmpValidationException">The file cannot be read, or does not contain a JSON Schema.</exception>
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

    /// <summary>Creates a schema from a type. The answer becomes an object of that type.</summary>
    /// <typeparam name="T">A class, record, enum, dictionary, list or array that <see cref="JsonSerializer"/> can read.</typeparam>
    /// <param name="options">The JSON format of the type: names, converters, a source-generated resolver. Null for the defaults, with enums
    /// as names.</param>
    /// <exception cref="AmpValidationException">The type refers to itself, or has a part that a schema cannot describe. The message names
    /// it.</exception>
    [RequiresUnreferencedCode(SerializerFacts.ReflectionMessage)]
    [RequiresDynamicCode(SerializerFacts.ReflectionMessage)]
    public static OutputSchema Of<T>(JsonSerializerOptions? options = null) =>
        Of((JsonTypeInfo<T>)TypeSchema.OptionsOf(options).GetTypeInfo(typeof(T)));

    /// <summary>
    /// Creates a schema from a type with source generation. Otherwise, it works like <see cref="Of{T}(JsonSerializerOptions?)"/>.
    /// </summary>
    /// <param name="type">The type, as described by a <c>JsonSerializerContext</c>.</param>
    /// <exception cref="AmpValidationException">The type refers to itself, or has a part that a schema cannot describe.</exception>
    public static OutputSchema Of<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Create(TypeSchema.Of(type).ToJsonString(), (answer, _) => Task.FromResult<object?>(JsonSerializer.Deserialize(answer, type)));
    }

    /// <summary>Creates a schema with your own conversion of the answer.</summary>
    /// <param name="json">A JSON Schema.</param>
    /// <param name="read">Gets the answer as JSON text that matches the schema, and returns <see cref="ResultMessage.Output"/>. If it
    /// throws, the model gets the message and can answer again. It is called on any thread.</param>
    /// <exception cref="AmpValidationException">The text is not a JSON Schema, or refers to another document.</exception>
    public static OutputSchema Create(string json, Func<string, CancellationToken, Task<object?>> read)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(read);
        return new OutputSchema(json, read);
    }

    /// <summary>Returns the schema as JSON.</summary>
    public override string ToString() => Json;

    /// <summary>Gets the violations of the schema with their places; empty if there are none.</summary>
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
                $"The output schema is not a valid JSON Schema: {TerminalText.Strip(fault)}",
                AmpOptionName.OutputSchema,
                """Give a JSON Schema such as {"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}, in one document.""",
                Json);
        }
    }
}
