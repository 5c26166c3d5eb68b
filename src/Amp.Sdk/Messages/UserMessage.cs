using System.Collections.Specialized;
using Amp.Messages.Json;

namespace Amp;

/// <summary>What the model was given: the prompt, which the CLI echoes, or the results of tools.</summary>
public sealed class UserMessage : StreamMessage
{
    private ConversationBody? _body;

    internal UserMessage(in MessageEnvelope envelope)
        : base(envelope)
    {
    }

    /// <summary>The content blocks in their order.</summary>
    public IReadOnlyList<ContentBlock> Content => Body.Content;

    /// <summary>The text blocks, one after the other on lines of their own; empty where there are none.</summary>
    public string Text => ContentBlock.JoinText(Content);

    /// <summary>The results of tools among the content.</summary>
    public IReadOnlyList<ToolResultContent> ToolResult => ContentBlock.OfType<ToolResultContent>(Content);

    /// <inheritdoc/>
    public override OrderedDictionary AdditionalProperties => Body.Additional.Properties;

    private ConversationBody Body => _body ??= ConversationBody.Read(OpenLine());

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}
