using System.Collections.Specialized;
using Amp.Json;
using Amp.Text;

namespace Amp;

/// <summary>A part of a message: text, thinking, a tool's call or its result, or one of a kind not known yet.</summary>
public abstract class ContentBlock
{
    private AdditionalFields _additional;

    private protected ContentBlock(string type, in AdditionalFields additional)
    {
        Type = type;
        _additional = additional;
    }

    /// <summary>The block's <c>type</c> as the CLI wrote it.</summary>
    public string Type { get; }

    /// <summary>The fields of the block that no property shows, by name; empty where there are none.</summary>
    public OrderedDictionary AdditionalProperties => _additional.Properties;

    internal static string JoinText(IReadOnlyList<ContentBlock> blocks)
    {
        string? single = null;
        List<string>? several = null;
        foreach (ContentBlock block in blocks)
        {
            if (block is not TextContent { Text: string text })
            {
                continue;
            }

            if (single is null)
            {
                single = text;
            }
            else
            {
                several ??= [single];
                several.Add(text);
            }
        }

        return several is null ? single ?? string.Empty : string.Join('\n', several);
    }

    internal static ReadableList<T> OfType<T>(IReadOnlyList<ContentBlock> blocks)
        where T : ContentBlock
    {
        List<T>? found = null;
        foreach (ContentBlock block in blocks)
        {
            if (block is T wanted)
            {
                (found ??= []).Add(wanted);
            }
        }

        return ReadableList<T>.Of(found);
    }
}

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
