using Amp.Json;

namespace Amp;

/// <summary>What the model thought before it answered. Only runs that ask for it have it.</summary>
public sealed class ThinkingContent : ContentBlock
{
    internal ThinkingContent(string thinking, in AdditionalFields additional)
        : base("thinking", additional) => Thinking = thinking;

    /// <summary>The thought, as it came.</summary>
    public string Thinking { get; }

    /// <summary>The thought.</summary>
    public override string ToString() => Thinking;
}
