using System.Text.RegularExpressions;

namespace Amp.LocalService.Scenarios;

/// <summary>When to answer what. Conditions that are not set hold for every request.</summary>
public sealed record ScenarioRule
{
    /// <summary>Found in the text of the last user prompt.</summary>
    public Regex? Prompt { get; init; }

    /// <summary>Found in the text of the last tool results; never holds where the request carries none.</summary>
    public Regex? ToolResult { get; init; }

    /// <summary>The user prompt within the thread: 0 for the first.</summary>
    public int? Turn { get; init; }

    /// <summary>The model request within the turn: 0 right after the prompt, 1 after the first tool results, and so on.</summary>
    public int? Step { get; init; }

    /// <summary>How often the rule answers before it is passed over; null for always.</summary>
    public int? Times { get; init; }

    /// <summary>
    /// The answer. <c>${name}</c> in its texts and inputs stands for a named group of <see cref="Prompt"/> or
    /// <see cref="ToolResult"/>.
    /// </summary>
    public required ScenarioAnswer Answer { get; init; }
}
