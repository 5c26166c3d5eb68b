using Amp.Json;

namespace Amp;

/// <summary>A block of a kind that this version does not know; all its fields are in the additional properties.</summary>
public sealed class UnknownContent : ContentBlock
{
    internal UnknownContent(string type, in AdditionalFields additional)
        : base(type, additional)
    {
    }

    /// <summary>The block's type.</summary>
    public override string ToString() => Type;
}
