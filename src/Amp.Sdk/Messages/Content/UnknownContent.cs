using System.Collections.Specialized;

namespace Amp;

/// <summary>A block of a kind that this version does not know; all its fields are in the additional properties.</summary>
public sealed class UnknownContent : ContentBlock
{
    internal UnknownContent(string type, OrderedDictionary additionalProperties)
        : base(type, additionalProperties)
    {
    }

    /// <summary>The block's type.</summary>
    public override string ToString() => Type;
}
