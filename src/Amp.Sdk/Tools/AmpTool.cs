using System.Text.Json;
using Amp.Tools;

namespace Amp;

/// <summary>
/// A tool of this process, which the agent calls during a run. It is offered to the CLI on the loopback address, with a token for each run,
/// only while the run is active.
/// </summary>
public sealed class AmpTool
{
    /// <summary>Describes a tool.</summary>
    /// <param name="name">The name: letters, digits, hyphens and underscores.</param>
    /// <param name="description">What the tool does and when to use it. The model chooses tools by this text.</param>
    /// <param name="inputSchema">The JSON Schema of the input, which is an object.</param>
    /// <param name="handler">The implementation. It gets the input as JSON text, and a token that is canceled when the agent cancels the
    /// call, when the call exceeds its time limit, and when the run ends. Calls can run at the same time, on any thread. If it throws, the
    /// agent gets the message of the exception as the tool's error.</param>
    /// <param name="isReadOnly">Whether the tool changes nothing; a hint for the agent.</param>
    /// <exception cref="AmpValidationException">A value cannot be used.</exception>
    public AmpTool(
        string name,
        string description,
        string inputSchema,
        Func<string, CancellationToken, Task<ToolResult>> handler,
        bool isReadOnly = false)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ToolName.Check(name);
        Name = name;
        Description = string.IsNullOrWhiteSpace(description)
            ? throw new AmpValidationException(
                $"The tool '{name}' has no description.", nameof(Description), "Describe what it does: the model uses the description to choose a tool.", name)
            : description;
        InputSchema = CheckSchema(name, inputSchema);
        Handler = handler;
        IsReadOnly = isReadOnly;
    }

    /// <summary>The name of the tool.</summary>
    public string Name { get; }

    /// <summary>The description of the tool.</summary>
    public string Description { get; }

    /// <summary>The JSON Schema of the input.</summary>
    public string InputSchema { get; }

    /// <summary>Whether the tool changes nothing; a hint for the agent.</summary>
    public bool IsReadOnly { get; }

    internal Func<string, CancellationToken, Task<ToolResult>> Handler { get; }

    /// <summary>The name of the tool.</summary>
    public override string ToString() => Name;

    private static string CheckSchema(string name, string schema)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(schema ?? string.Empty);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("type", out JsonElement type)
                && type.ValueKind == JsonValueKind.String && type.ValueEquals("object"))
            {
                return schema!;
            }
        }
        catch (JsonException)
        {
            // Reported below.
        }

        throw new AmpValidationException(
            $"The input schema of the tool '{name}' is not a JSON Schema of an object.",
            nameof(InputSchema),
            """Give JSON text such as {"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}.""",
            name);
    }
}

/// <summary>The result of a call of a tool.</summary>
/// <param name="Text">The text for the agent.</param>
/// <param name="IsError">Whether the tool failed.</param>
public sealed record ToolResult(string Text, bool IsError = false);
