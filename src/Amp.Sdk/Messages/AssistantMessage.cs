using System.Collections.Specialized;
using Amp.Messages;
using Amp.Text;

namespace Amp;

/// <summary>What the model said in one step: text, thinking and the tools that it calls.</summary>
public sealed class AssistantMessage : StreamMessage
{
    private readonly SystemMessage? _start;
    private readonly bool _endsTurn;
    private ConversationBody? _body;

    internal AssistantMessage(in MessageEnvelope envelope)
        : base(envelope)
    {
        _endsTurn = envelope.EndsTurn;
        ToolNames = ReadableList<string>.Over(envelope.ToolNames);
        _start = envelope.Start;
    }

    /// <summary>The message's ID at the model's provider; null where the CLI leaves it out, as all of 2026 do.</summary>
    public string? Id => Body.Id;

    /// <summary>The model that answered; null where the CLI does not tell.</summary>
    public string? Model => Body.Model;

    /// <inheritdoc/>
    public override IReadOnlyList<ContentBlock> Content => Body.Content;

    /// <summary>Why the model stopped: <c>end_turn</c> at the end of a turn, <c>tool_use</c> before a tool runs.</summary>
    public string? StopReason => Body.StopReason;

    /// <summary>The tokens of this step; null where the CLI does not tell.</summary>
    public TokenUsage? Usage => Body.Usage;

    /// <inheritdoc/>
    public override string Text => ContentBlock.JoinText(Content);

    /// <inheritdoc/>
    public override IReadOnlyList<ToolUseContent> ToolUse => ContentBlock.OfType<ToolUseContent>(Content);

    /// <summary>
    /// Whether a turn of the conversation ends with this message: the agent calls no tool and waits for no subagent. Where the CLI
    /// leaves the reason out, a step that calls no tool is the last one of its turn. Where the agent ends its turn without the answer that
    /// was asked for (<see cref="AmpOptions.OutputSchema"/>), the turn goes on with a reminder.
    /// </summary>
    public bool EndsTurn => _endsTurn && End is not { IsFollowedUp: true };

    /// <summary>
    /// The answer in the shape that a session asks for (<see cref="AmpOptions.OutputSchema"/>), on the message that ends a turn; null on all others
    /// and in runs, whose result has it.
    /// </summary>
    public object? Output => End?.Output;

    /// <summary>The same as JSON text.</summary>
    public string? OutputJson => End?.OutputJson;

    /// <summary>Whether the agent has said all that it wants to say, whatever this side does with that.</summary>
    internal bool WaitsForUser => _endsTurn;

    /// <summary>What this side knows of the end of the turn; null where it knows nothing.</summary>
    internal TurnEnd? End { get; set; }

    /// <summary>The names of the tools that are called, in their order, empty where one has none; known before the content is read.</summary>
    public IReadOnlyList<string> ToolNames { get; }

    /// <summary>Whether a tool is called; known before the content is read.</summary>
    public bool CallsTool => ToolNames.Count > 0;

    /// <inheritdoc/>
    public override OrderedDictionary AdditionalProperties => Body.Additional.Properties;

    private ConversationBody Body => _body ??= ConversationBody.Read(OpenLine(), _start);

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}

/// <summary>What this side knows of the end of a turn.</summary>
internal sealed record TurnEnd
{
    /// <summary>Whether the turn goes on, since the agent is told more of this side's own accord.</summary>
    public bool IsFollowedUp { get; init; }

    /// <summary>The answer in the shape that was asked for.</summary>
    public object? Output { get; init; }

    /// <summary>The same as JSON text.</summary>
    public string? OutputJson { get; init; }

    /// <summary>Why there is no such answer.</summary>
    public AmpException? Failure { get; init; }
}
