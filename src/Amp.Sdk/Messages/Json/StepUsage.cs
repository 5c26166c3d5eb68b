using System.Text.Json;

namespace Amp.Messages.Json;

/// <summary>The token counts of one step of the agent, read in passing.</summary>
internal readonly record struct StepUsage(long Input, long Output, long CacheCreation, long CacheRead)
{
    /// <summary>
    /// Finds the counts in a message's object, on whose start the reader stands, and leaves the reader at the object's end;
    /// zeros where there are none. A value of another kind is left to the caller.
    /// </summary>
    public static StepUsage FindIn(ref Utf8JsonReader reader)
    {
        StepUsage found = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return found;
        }

        while (JsonText.NextField(ref reader))
        {
            bool isUsage = JsonText.Is(ref reader, "usage"u8);
            reader.Read();
            if (isUsage && reader.TokenType == JsonTokenType.StartObject)
            {
                found = Read(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    private static StepUsage Read(ref Utf8JsonReader reader)
    {
        StepUsage usage = default;
        while (JsonText.NextField(ref reader))
        {
            if (JsonText.Is(ref reader, "input_tokens"u8))
            {
                usage = usage with { Input = Count(ref reader) };
            }
            else if (JsonText.Is(ref reader, "output_tokens"u8))
            {
                usage = usage with { Output = Count(ref reader) };
            }
            else if (JsonText.Is(ref reader, "cache_creation_input_tokens"u8))
            {
                usage = usage with { CacheCreation = Count(ref reader) };
            }
            else if (JsonText.Is(ref reader, "cache_read_input_tokens"u8))
            {
                usage = usage with { CacheRead = Count(ref reader) };
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return usage;
    }

    private static long Count(ref Utf8JsonReader reader)
    {
        AdditionalFields ignored = default;
        long count = JsonField.Integer(ref reader, ref ignored) ?? 0;
        return Math.Max(0, count);
    }
}

/// <summary>
/// Adds up the steps of a run: the results of the CLIs of early 2026 do not tell the tokens, their assistant messages do.
/// </summary>
internal sealed class UsageSum
{
    private StepUsage _sum;

    public void Add(in StepUsage step) => _sum = new StepUsage(
        _sum.Input + step.Input,
        _sum.Output + step.Output,
        _sum.CacheCreation + step.CacheCreation,
        _sum.CacheRead + step.CacheRead);

    /// <summary>The sum; null where no step has told anything.</summary>
    public Usage? ToUsage() => _sum == default ? null : new Usage(_sum);
}
