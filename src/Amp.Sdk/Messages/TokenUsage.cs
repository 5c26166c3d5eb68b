using System.Collections;
using System.Collections.Specialized;
using System.Text.Json;
using Amp.Json;
using Amp.Messages;

namespace Amp;

/// <summary>The tokens of a step or a run. A count that the CLI does not report is null.</summary>
public sealed class TokenUsage
{
    private AdditionalFields _additional;

    internal TokenUsage(in StepUsage sum)
    {
        InputTokens = sum.Input;
        OutputTokens = sum.Output;
        CacheCreationInputTokens = sum.CacheCreation;
        CacheReadInputTokens = sum.CacheRead;
    }

    /// <summary>Creates a count, for example for a test.</summary>
    /// <param name="inputTokens">The tokens sent to the model and not found in its cache.</param>
    /// <param name="outputTokens">The tokens that the model wrote.</param>
    /// <param name="cacheCreationInputTokens">The tokens written to the model's cache; null if they are not reported.</param>
    /// <param name="cacheReadInputTokens">The tokens read from the model's cache; null if they are not reported.</param>
    public TokenUsage(long? inputTokens, long? outputTokens, long? cacheCreationInputTokens = null, long? cacheReadInputTokens = null)
    {
        InputTokens = inputTokens;
        OutputTokens = outputTokens;
        CacheCreationInputTokens = cacheCreationInputTokens;
        CacheReadInputTokens = cacheReadInputTokens;
    }

    private TokenUsage()
    {
    }

    /// <summary>The tokens sent to the model and not found in its cache.</summary>
    public long? InputTokens { get; private set; }

    /// <summary>The tokens that the model wrote.</summary>
    public long? OutputTokens { get; private set; }

    /// <summary>The tokens written to the model's cache.</summary>
    public long? CacheCreationInputTokens { get; private set; }

    /// <summary>The tokens read from the model's cache.</summary>
    public long? CacheReadInputTokens { get; private set; }

    /// <summary>The size of the context window, which the CLIs of 2026 include although it is not documented.</summary>
    public long? MaxTokens { get; private set; }

    /// <summary>The service tier of the model's provider.</summary>
    public string? ServiceTier { get; private set; }

    /// <summary>The fields without a property, by name; empty if there are none.</summary>
    public OrderedDictionary AdditionalProperties => _additional.Properties;

    /// <summary>Returns the main counts as text.</summary>
    public override string ToString() => $"{InputTokens ?? 0} in, {OutputTokens ?? 0} out";

    /// <summary>Converts to counts that can be added.</summary>
    internal StepUsage ToStep() => new(InputTokens ?? 0, OutputTokens ?? 0, CacheCreationInputTokens ?? 0, CacheReadInputTokens ?? 0);

    /// <summary>Adds counts. A count that is not reported stays null if there is nothing to add.</summary>
    internal TokenUsage Plus(in StepUsage other)
    {
        StepUsage sum = ToStep().Plus(other);
        TokenUsage usage = (TokenUsage)MemberwiseClone();
        usage.InputTokens = other.Input == 0 ? InputTokens : sum.Input;
        usage.OutputTokens = other.Output == 0 ? OutputTokens : sum.Output;
        usage.CacheCreationInputTokens = other.CacheCreation == 0 ? CacheCreationInputTokens : sum.CacheCreation;
        usage.CacheReadInputTokens = other.CacheRead == 0 ? CacheReadInputTokens : sum.CacheRead;
        return usage;
    }

    /// <summary>Writes the counts as the CLI does.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        Number("input_tokens", InputTokens);
        Number("cache_creation_input_tokens", CacheCreationInputTokens);
        Number("cache_read_input_tokens", CacheReadInputTokens);
        Number("output_tokens", OutputTokens);
        Number("max_tokens", MaxTokens);
        if (ServiceTier is not null)
        {
            writer.WriteString("service_tier", ServiceTier);
        }

        foreach (DictionaryEntry field in _additional.Properties)
        {
            PlainJson.Write(writer, (string)field.Key, field.Value);
        }

        writer.WriteEndObject();

        void Number(string name, long? count)
        {
            if (count is long value)
            {
                writer.WriteNumber(name, value);
            }
        }
    }

    internal static TokenUsage Read(ref JsonReader reader)
    {
        TokenUsage usage = new();
        while (JsonText.NextField(ref reader))
        {
            if (JsonText.Is(ref reader, "input_tokens"u8))
            {
                usage.InputTokens = JsonField.Integer(ref reader, ref usage._additional);
            }
            else if (JsonText.Is(ref reader, "output_tokens"u8))
            {
                usage.OutputTokens = JsonField.Integer(ref reader, ref usage._additional);
            }
            else if (JsonText.Is(ref reader, "cache_creation_input_tokens"u8))
            {
                usage.CacheCreationInputTokens = JsonField.Integer(ref reader, ref usage._additional);
            }
            else if (JsonText.Is(ref reader, "cache_read_input_tokens"u8))
            {
                usage.CacheReadInputTokens = JsonField.Integer(ref reader, ref usage._additional);
            }
            else if (JsonText.Is(ref reader, "max_tokens"u8))
            {
                usage.MaxTokens = JsonField.Integer(ref reader, ref usage._additional);
            }
            else if (JsonText.Is(ref reader, "service_tier"u8))
            {
                usage.ServiceTier = JsonField.RecurringString(ref reader, ref usage._additional);
            }
            else
            {
                usage._additional.Keep(ref reader);
            }
        }

        return usage;
    }
}
