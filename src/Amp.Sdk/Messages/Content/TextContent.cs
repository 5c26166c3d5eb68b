using System.Collections.Specialized;

namespace Amp;

/// <summary>Text that the model or the user wrote.</summary>
public sealed class TextContent : ContentBlock
{
    internal TextContent(string text, OrderedDictionary additionalProperties)
        : base("text", additionalProperties) => Text = text;

    /// <summary>The text, as it came.</summary>
    public string Text { get; }

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}
