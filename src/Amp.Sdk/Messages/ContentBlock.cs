using System.Collections;
using System.Collections.Specialized;
using System.Text.Json;
using System.Text.Json.Serialization;
using Amp.Json;
using Amp.Messages;
using Amp.Tools;
using Amp.Text;

namespace Amp;

/// <summary>A part of a message: text, thinking, a tool call, a tool result, or an unknown block.</summary>
/// <remarks>Blocks are equal if they have the same fields with the same values.</remarks>
[JsonConverter(typeof(ContentBlockJsonConverter<ContentBlock>))]
public abstract class ContentBlock : IEquatable<ContentBlock>
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

    /// <summary>The fields with a property, in the order of the CLI; a field whose value is null is not written.</summary>
    private protected abstract IEnumerable<(string Name, object? Value)> Fields { get; }

    /// <summary>Returns whether the other block has the same fields with the same values.</summary>
    public bool Equals(ContentBlock? other) => ReferenceEquals(this, other)
        || (other is not null && GetType() == other.GetType() && PlainJson.AreEqual(ToPlain(), other.ToPlain()));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ContentBlock);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Fields.Select(field => field.Value).OfType<string>().FirstOrDefault());

    /// <summary>Writes the block as the CLI does.</summary>
    internal void WriteTo(Utf8JsonWriter writer) => PlainJson.Write(writer, ToPlain());

    private OrderedDictionary ToPlain()
    {
        OrderedDictionary all = [];
        if (Type.Length > 0)
        {
            all.Add("type", Type);
        }

        foreach ((string name, object? value) in Fields)
        {
            if (value is not null)
            {
                all[name] = value;
            }
        }

        foreach (DictionaryEntry field in _additional.Properties)
        {
            all[field.Key] = field.Value;
        }

        return all;
    }

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
[JsonConverter(typeof(ContentBlockJsonConverter<TextContent>))]
public sealed class TextContent : ContentBlock
{
    /// <summary>Creates a block, for example for a test.</summary>
    /// <param name="text">The text.</param>
    public TextContent(string text)
        : this(text ?? throw new ArgumentNullException(nameof(text)), default)
    {
    }

    internal TextContent(string text, in AdditionalFields additional)
        : base("text", additional) => Text = text;

    /// <summary>The text as the CLI wrote it.</summary>
    public string Text { get; }

    private protected override IEnumerable<(string Name, object? Value)> Fields => [("text", Text)];

    /// <summary>Returns the text.</summary>
    public override string ToString() => Text;
}

/// <summary>The model's thinking before its answer. Only runs that request it have such blocks.</summary>
[JsonConverter(typeof(ContentBlockJsonConverter<ThinkingContent>))]
public sealed class ThinkingContent : ContentBlock
{
    /// <summary>Creates a block, for example for a test.</summary>
    /// <param name="thinking">The thinking.</param>
    public ThinkingContent(string thinking)
        : this(thinking ?? throw new ArgumentNullException(nameof(thinking)), default)
    {
    }

    internal ThinkingContent(string thinking, in AdditionalFields additional)
        : base("thinking", additional) => Thinking = thinking;

    /// <summary>The thinking as the CLI wrote it.</summary>
    public string Thinking { get; }

    private protected override IEnumerable<(string Name, object? Value)> Fields => [("thinking", Thinking)];

    /// <summary>Returns the thinking.</summary>
    public override string ToString() => Thinking;
}

/// <summary>A block of a type that this version does not know. All its fields are in the additional properties.</summary>
[JsonConverter(typeof(ContentBlockJsonConverter<UnknownContent>))]
public sealed class UnknownContent : ContentBlock
{
    /// <summary>Creates a block of a type without a class, for example for a test.</summary>
    /// <param name="type">The type.</param>
    /// <param name="fields">The other fields: strings, numbers, booleans, and lists and dictionaries of these; null for none.</param>
    /// <exception cref="AmpValidationException">The type has a class, or a field cannot be written as JSON.</exception>
    public UnknownContent(string type, IDictionary? fields = null)
        : base(type ?? throw new ArgumentNullException(nameof(type)), AdditionalFields.Of(ToolInput.ToPlain(fields, nameof(fields)) as OrderedDictionary))
    {
        if (type is "text" or "thinking" or "tool_use" or "tool_result")
        {
            throw new AmpValidationException($"'{type}' is the type of a block that has its own class.", nameof(type), "Create a block of that class.", type);
        }
    }

    internal UnknownContent(string type, in AdditionalFields additional)
        : base(type, additional)
    {
    }

    private protected override IEnumerable<(string Name, object? Value)> Fields => [];

    /// <summary>Returns the type of the block.</summary>
    public override string ToString() => Type;
}
