using System.Text.Json;
using Json.Schema;

namespace Amp.ToolServer;

/// <summary>Checks JSON text against a JSON Schema. Nothing is ever fetched: a schema that refers to another document is refused.</summary>
internal sealed class SchemaValidator
{
    // The model corrects what it is told, and is then told the rest.
    private const int MostFaults = 10;

    private const int DeepestJson = 128;

    private static readonly EvaluationOptions s_options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly JsonSchema _schema;

    private SchemaValidator(JsonSchema schema) => _schema = schema;

    /// <summary>Reads a schema, of draft 2020-12 unless its <c>$schema</c> names another draft.</summary>
    /// <param name="schema">The schema as JSON text.</param>
    /// <exception cref="FormatException">It is not a schema; the message says why.</exception>
    public static SchemaValidator Create(string schema)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = DeepestJson });
            JsonElement root = document.RootElement.Clone();
            if (FaultsOf(MetaSchema(root), root) is [string fault, ..])
            {
                throw new FormatException(fault);
            }

            // A registry of its own: two schemas may have the same $id and differ.
            JsonSchema built = JsonSchema.Build(root, new BuildOptions { SchemaRegistry = new SchemaRegistry(), Dialect = Dialect.Draft202012 });
            SchemaValidator validator = new(built);

            // References are resolved when they are met; this tells of most that lead nowhere before a model is asked.
            _ = FaultsOf(built, JsonDocument.Parse("{}").RootElement);
            return validator;
        }
        catch (Exception exception) when (exception is not (FormatException or OutOfMemoryException))
        {
            // Exceptions of these libraries are types of this load context; the caller knows only those of .NET.
            throw new FormatException(exception.Message);
        }
    }

    /// <summary>What does not fit, each with its place; empty where everything does.</summary>
    /// <param name="json">JSON text.</param>
    public IReadOnlyList<string> Check(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = DeepestJson });
            return FaultsOf(_schema, document.RootElement);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return [exception.Message];
        }
    }

    private static JsonSchema MetaSchema(JsonElement schema)
    {
        string? draft = schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$schema", out JsonElement named) && named.ValueKind == JsonValueKind.String
            ? named.GetString()!.TrimEnd('#')
            : null;
        JsonSchema[] drafts = [MetaSchemas.Draft202012, MetaSchemas.Draft201909, MetaSchemas.Draft7, MetaSchemas.Draft6];
        return draft is null
            ? MetaSchemas.Draft202012
            : drafts.FirstOrDefault(known => known.BaseUri.OriginalString.TrimEnd('#') == draft)
                ?? throw new FormatException($"the draft '{draft}' is not supported; use 2020-12, 2019-09, draft 7 or draft 6");
    }

    private static List<string> FaultsOf(JsonSchema schema, JsonElement instance)
    {
        EvaluationResults results = schema.Evaluate(instance, s_options);
        List<string> faults = [];
        if (results.IsValid)
        {
            return faults;
        }

        foreach (EvaluationResults result in (results.Details ?? []).Prepend(results))
        {
            foreach ((string _, string message) in result.IsValid || result.Errors is null ? [] : result.Errors)
            {
                string place = result.InstanceLocation.ToString();
                string fault = $"{(place.Length == 0 ? "the whole value" : place)}: {message}";
                if (faults.Count < MostFaults && !faults.Contains(fault))
                {
                    faults.Add(fault);
                }
            }
        }

        return faults.Count > 0 ? faults : ["the value does not match the schema"];
    }
}
