using System.Text.Json.Serialization;

namespace Amp.LocalService.Model;

/// <summary>
/// One request of the agent loop, as the model got it. What the CLI asks the model beside that loop (a thread's title,
/// the context of a handoff) is answered, but not recorded.
/// </summary>
public sealed record ModelRequest
{
    /// <summary>The request's number among those of the agent loop, from 1.</summary>
    public int Number { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The thread it belongs to, where the CLI says so.</summary>
    public string? ThreadId { get; init; }

    /// <summary>The model the CLI asks for.</summary>
    public required string Model { get; init; }

    /// <summary>The text of the last user prompt.</summary>
    public string Prompt => Prompts.Count == 0 ? "" : Prompts[^1];

    /// <summary>The text of every user prompt of the thread, oldest first.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    /// <summary>The number of the last user prompt within the thread, from 0.</summary>
    public int Turn => Math.Max(0, Prompts.Count - 1);

    /// <summary>How many times tool results came back since the last user prompt.</summary>
    public required int Step { get; init; }

    /// <summary>The text of the tool results this request carries; null where it carries none.</summary>
    public string? LastToolResult { get; init; }

    /// <summary>The names of the tools the CLI offers.</summary>
    public required IReadOnlyList<string> OfferedTools { get; init; }

    /// <summary>The text of the system prompt.</summary>
    public required string SystemPrompt { get; init; }

    /// <summary>How many messages the request has.</summary>
    public required int MessageCount { get; init; }

    /// <summary>The request's body, unchanged.</summary>
    [JsonIgnore]
    public string RawJson { get; init; } = "";

    /// <summary>The content of each tool result of this request as JSON.</summary>
    [JsonIgnore]
    internal IReadOnlyList<string> LastToolResultsJson { get; init; } = [];
}
