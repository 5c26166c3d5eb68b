using System.Text.Json;
using Amp.Tools;

namespace Amp;

/// <summary>
/// A tool of this process, which the agent calls during a run. It is served to the CLI on the loopback address, behind a token of the
/// run's own, and only as long as the run lasts.
/// </summary>
public sealed class AmpTool
{
    /// <summary>Describes a tool.</summary>
    /// <param name="name">Its name: letters, digits, hyphens and underscores.</param>
    /// <param name="description">What it does and when to use it; the model chooses by this text.</param>
    /// <param name="inputSchema">The JSON Schema of its input, an object.</param>
    /// <param name="handler">
    /// Does it: it is given the input as JSON text, and a token that is cancelled when the agent takes the call back, when it takes too
    /// long and when the run ends. Calls may come at the same time, on any thread. The message of an exception is told to the agent
    /// as the tool's error.
    /// </param>
    /// <param name="isReadOnly">Whether it changes nothing; a hint to the agent.</param>
    /// <exception cref="AmpValidationException">One of them cannot be used.</exception>
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

    /// <summary>The tool's name.</summary>
    public string Name { get; }

    /// <summary>What it does.</summary>
    public string Description { get; }

    /// <summary>The JSON Schema of its input.</summary>
    public string InputSchema { get; }

    /// <summary>Whether it changes nothing; a hint to the agent.</summary>
    public bool IsReadOnly { get; }

    internal Func<string, CancellationToken, Task<ToolResult>> Handler { get; }

    /// <summary>The tool's name.</summary>
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
            // Said below.
        }

        throw new AmpValidationException(
            $"The input schema of the tool '{name}' is not a JSON Schema of an object.",
            nameof(InputSchema),
            """Give JSON text such as {"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}.""",
            name);
    }
}

/// <summary>What a call of a tool came to.</summary>
/// <param name="Text">What the agent is told.</param>
/// <param name="IsError">Whether the tool failed.</param>
public sealed record ToolResult(string Text, bool IsError = false);
