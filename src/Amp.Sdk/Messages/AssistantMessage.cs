using System.Collections.Specialized;
using System.Text.Json.Serialization;
using Amp.Messages;
using Amp.Text;

namespace Amp;

/// <summary>A message of the model: text, thinking and tool calls.</summary>
[JsonConverter(typeof(StreamMessageJsonConverter<AssistantMessage>))]
public sealed class AssistantMessage : StreamMessage
{
    private readonly SystemMessage? _start;
    private readonly bool _endsTurn;
    private ConversationBody? _body;

    internal AssistantMessage(in MessageEnvelope envelope, TurnEnd? end = null)
        : base(envelope)
    {
        End = end;
        _endsTurn = envelope.EndsTurn;
        ToolNames = envelope.ToolNames ?? ReadableList<string>.None;
        _start = envelope.Start;
    }

    /// <summary>The ID of the message at the model's provider; null if the CLI omits it, as all CLIs of 2026 do.</summary>
    public string? Id => Body.Id;

    /// <summary>The model that answered; null if the CLI does not report it.</summary>
    public string? Model => Body.Model;

    /// <inheritdoc/>
    public override IReadOnlyList<ContentBlock> Content => Body.Content;

    /// <summary>The reason why the model stopped: <c>end_turn</c> at the end of a turn, <c>tool_use</c> before a tool runs.</summary>
    public string? StopReason => Body.StopReason;

    /// <summary>The tokens of this message; null if the CLI does not report them.</summary>
    public TokenUsage? Usage => Body.Usage;

    /// <inheritdoc/>
    public override string Text => ContentBlock.JoinText(Content);

    /// <inheritdoc/>
    public override IReadOnlyList<ToolUseContent> ToolUse => ContentBlock.OfType<ToolUseContent>(Content);

    /// <summary>
    /// Whether this message ends a turn of the conversation: the agent calls no tool and waits for no subagent. If the CLI omits the stop
    /// reason, a message without tool calls ends its turn. If the agent ends its turn without the requested structured answer
    /// (<see cref="AmpOptions.OutputSchema"/>), it gets a reminder and the turn continues.
    /// </summary>
    public bool EndsTurn => _endsTurn && End is not { IsFollowedUp: true };

    /// <summary>
    /// The structured answer of a session (<see cref="AmpOptions.OutputSchema"/>), on the message that ends a turn; null on all other
    /// messages, and in runs, where the result has it.
    /// </summary>
    public object? Output => End?.Output;

    /// <summary>The structured answer as JSON text.</summary>
    public string? OutputJson => End?.OutputJson;

    /// <summary>Whether the agent has finished its answer, regardless of what the library does next.</summary>
    internal bool WaitsForUser => _endsTurn;

    /// <summary>What the library knows about the end of the turn; null if nothing.</summary>
    internal TurnEnd? End { get; }

    /// <summary>
    /// The names of the called tools, in order; an empty string for a tool without a name. Known before the content is read.
    /// </summary>
    public IReadOnlyList<string> ToolNames { get; }

    /// <summary>Whether a tool is called. Known before the content is read.</summary>
    public bool CallsTool => ToolNames.Count > 0;

    /// <inheritdoc/>
    public override OrderedDictionary AdditionalProperties => Body.Additional.Properties;

    private ConversationBody Body => _body ??= ConversationBody.Read(OpenLine(), _start);

    /// <summary>Returns the text.</summary>
    public override string ToString() => Text;
}

/// <summary>What the library knows about the end of a turn.</summary>
internal sealed record TurnEnd
{
    /// <summary>Whether the turn continues because the library sends the agent another message.</summary>
    public bool IsFollowedUp { get; init; }

    /// <summary>The structured answer.</summary>
    public object? Output { get; init; }

    /// <summary>The structured answer as JSON text.</summary>
    public string? OutputJson { get; init; }

    /// <summary>The reason why there is no structured answer.</summary>
    public AmpException? Failure { get; init; }
}
