using Amp.Json;

namespace Amp;

/// <summary>Text that the model or the user wrote.</summary>
public sealed class TextContent : ContentBlock
{
    internal TextContent(string text, in AdditionalFields additional)
        : base("text", additional) => Text = text;

    /// <summary>The text, as it came.</summary>
    public string Text { get; }

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}
