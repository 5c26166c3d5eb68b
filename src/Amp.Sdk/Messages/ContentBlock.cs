using System.Collections.Specialized;
using Amp.Json;
using Amp.Text;

namespace Amp;

/// <summary>A part of a message: text, thinking, a tool call, a tool result, or an unknown block.</summary>
public abstract class ContentBlock
{
    private AdditionalFields _additional;

    private protected ContentBlock(string type, in AdditionalFields additional)
    {
        Type = type;
        _additional = additional;
    }

    /// <summary>The <c>type</c> of the block as the CLI wrote it.</summary>
    public string Type { get; }

    /// <summary>The fields of the block without a property, by name; empty if there are none.</summary>
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

/// <summary>Text of the model or the user.</summary>
public sealed class TextContent : ContentBlock
{
    internal TextContent(string text, in AdditionalFields additional)
        : base("text", additional) => Text = text;

    /// <summary>The text as the CLI wrote it.</summary>
    public string Text { get; }

    /// <summary>Returns the text.</summary>
    public override string ToString() => Text;
}

/// <summary>The model's thinking before its answer. Only runs that request it have such blocks.</summary>
public sealed class ThinkingContent : ContentBlock
{
    internal ThinkingContent(string thinking, in AdditionalFields additional)
        : base("thinking", additional) => Thinking = thinking;

    /// <summary>The thinking as the CLI wrote it.</summary>
    public string Thinking { get; }

    /// <summary>Returns the thinking.</summary>
    public override string ToString() => Thinking;
}

/// <summary>A block of a type that this version does not know. All its fields are in the additional properties.</summary>
public sealed class UnknownContent : ContentBlock
{
    internal UnknownContent(string type, in AdditionalFields additional)
        : base(type, additional)
    {
    }

    /// <summary>Returns the type of the block.</summary>
    public override string ToString() => Type;
}
