using System.Collections.Specialized;
using System.Text.Json.Serialization;
using Amp.Messages;

namespace Amp;

/// <summary>A message to the model: the prompt, which the CLI echoes, or tool results.</summary>
[JsonConverter(typeof(StreamMessageJsonConverter<UserMessage>))]
public sealed class UserMessage : StreamMessage
{
    private ConversationBody? _body;

    internal UserMessage(in MessageEnvelope envelope)
        : base(envelope)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ContentBlock> Content => Body.Content;

    /// <inheritdoc/>
    public override string Text => ContentBlock.JoinText(Content);

    /// <inheritdoc/>
    public override IReadOnlyList<ToolResultContent> ToolResult => ContentBlock.OfType<ToolResultContent>(Content);

    /// <inheritdoc/>
    public override OrderedDictionary AdditionalProperties => Body.Additional.Properties;

    private ConversationBody Body => _body ??= ConversationBody.Read(OpenLine());

    /// <summary>Returns the text.</summary>
    public override string ToString() => Text;
}
