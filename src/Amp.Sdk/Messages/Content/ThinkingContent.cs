using System.Collections.Specialized;

namespace Amp;

/// <summary>What the model thought before it answered. Only runs that ask for it have it.</summary>
public sealed class ThinkingContent : ContentBlock
{
    internal ThinkingContent(string thinking, OrderedDictionary additionalProperties)
        : base("thinking", additionalProperties) => Thinking = thinking;

    /// <summary>The thought, as it came.</summary>
    public string Thinking { get; }

    /// <summary>The thought.</summary>
    public override string ToString() => Thinking;
}
