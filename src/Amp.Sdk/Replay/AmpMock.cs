using System.Collections;

namespace Amp;

/// <summary>
/// The answer of a mocked agent, for tests of code that runs the agent: what the agent thinks, which tools it uses, what it says, or how it fails. An
/// <see cref="AmpReplay"/> uses it for runs whose prompt matches.
/// </summary>
public sealed record AmpMock
{
    /// <summary>The prompts that it answers, as a pattern with the wildcards <c>*</c> and <c>?</c>, ignoring case; null for all prompts.</summary>
    public string? Prompt { get; init; }

    /// <summary>The model's thinking before everything else; null for none.</summary>
    public string? Thinking { get; init; }

    /// <summary>The tools that the agent uses, in order, each in its own message.</summary>
    public IReadOnlyList<MockToolUse> ToolUses { get; init; } = [];

    /// <summary>The final answer; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>
    /// The structured answer of a run with <see cref="AmpOptions.OutputSchema"/>: strings, numbers, booleans, and lists and dictionaries of these; null for none.
    /// It is checked like that of a real agent. A run without a schema gets it as text.
    /// </summary>
    public object? Output { get; init; }

    /// <summary>The error with which the run fails after everything else, in the words of the CLI; null if it succeeds.</summary>
    public string? Error { get; init; }

    /// <summary>The kind of failure: <c>error_during_execution</c>, or <c>error_max_turns</c>.</summary>
    public string ErrorSubtype { get; init; } = "error_during_execution";

    /// <summary>The tokens of each message of the model. The default is 0.</summary>
    public TokenUsage Usage { get; init; } = new(0, 0);

    /// <summary>The ID of a new thread; null for a random one. A run that continues a thread has the ID of that thread.</summary>
    public string? ThreadId { get; init; }

    /// <summary>The number of messages that it answers; null for no limit.</summary>
    public int? Times { get; init; }

    /// <summary>Returns the prompts that it answers.</summary>
    public override string ToString() => $"mock for {(Prompt is null ? "every prompt" : $"'{Prompt}'")}";
}

/// <summary>A tool call of a mocked agent.</summary>
/// <param name="Name">The name of the tool. You can omit the prefix of the server for your own tool (<see cref="AmpOptions.Tools"/>).</param>
/// <param name="Input">The arguments: strings, numbers, booleans, and lists and dictionaries of these; null for none.</param>
public sealed record MockToolUse(string Name, IDictionary? Input = null)
{
    /// <summary>
    /// The result: a string, or other JSON. If it is null, your own tool of that name is called; if there is none, the result is empty. Other tools are never
    /// called.
    /// </summary>
    public object? Result { get; init; }

    /// <summary>Whether the tool fails with its result.</summary>
    public bool IsError { get; init; }

    /// <summary>The reason why the call is denied, as by a rule; null if it is not denied.</summary>
    public string? DeniedReason { get; init; }

    /// <summary>
    /// Whether the call requires an approval (<see cref="AmpOptions.Approval"/>). It is denied if nobody can be asked. Calls for which a real agent asks always require one.
    /// </summary>
    public bool Asks { get; init; }

    /// <summary>Returns the name of the tool.</summary>
    public override string ToString() => Name;
}
