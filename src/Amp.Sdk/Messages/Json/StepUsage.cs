using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Amp.Messages.Json;

/// <summary>The token counts of one step of the agent, read in passing.</summary>
internal readonly record struct StepUsage(long Input, long Output, long CacheCreation, long CacheRead)
{
    /// <summary>Both together. No count is below nothing, and no sum is beyond what a number holds.</summary>
    public StepUsage Plus(in StepUsage other) => new(
        Sum(Input, other.Input), Sum(Output, other.Output), Sum(CacheCreation, other.CacheCreation), Sum(CacheRead, other.CacheRead));

    /// <summary>Reads a usage object, on whose start the reader stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static StepUsage Read(ref JsonReader reader)
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

    private static long Sum(long one, long other) => one > long.MaxValue - Math.Max(0, other) ? long.MaxValue : one + Math.Max(0, other);

    private static long Count(ref JsonReader reader)
    {
        AdditionalFields ignored = default;
        long count = JsonField.Integer(ref reader, ref ignored) ?? 0;
        return Math.Max(0, count);
    }
}
