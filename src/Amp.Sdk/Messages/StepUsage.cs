using System.Runtime.CompilerServices;
using System.Text.Json;
using Amp.Json;

namespace Amp.Messages;

/// <summary>The token counts of one step of the agent, read in passing.</summary>
internal readonly record struct StepUsage(long Input, long Output, long CacheCreation, long CacheRead)
{
    /// <summary>Whether the CLI told what the step read and wrote, in numbers that can be.</summary>
    public bool IsTold { get; init; }

    /// <summary>All tokens together.</summary>
    public long Total => Sum(Sum(Input, Output), Sum(CacheCreation, CacheRead));

    /// <summary>Both together. No count is below nothing, and no sum is beyond what a number holds.</summary>
    public StepUsage Plus(in StepUsage other) => new(
        Sum(Input, other.Input), Sum(Output, other.Output), Sum(CacheCreation, other.CacheCreation), Sum(CacheRead, other.CacheRead));

    /// <summary>What goes beyond another one, count by count.</summary>
    public StepUsage Beyond(in StepUsage other) => new(
        Math.Max(0, Input - other.Input),
        Math.Max(0, Output - other.Output),
        Math.Max(0, CacheCreation - other.CacheCreation),
        Math.Max(0, CacheRead - other.CacheRead));

    /// <summary>Reads a usage object, on whose start the reader stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static StepUsage Read(ref JsonReader reader)
    {
        StepUsage usage = default;
        bool hasInput = false;
        bool hasOutput = false;
        while (JsonText.NextField(ref reader))
        {
            if (JsonText.Is(ref reader, "input_tokens"u8))
            {
                usage = usage with { Input = Count(ref reader, out hasInput) };
            }
            else if (JsonText.Is(ref reader, "output_tokens"u8))
            {
                usage = usage with { Output = Count(ref reader, out hasOutput) };
            }
            else if (JsonText.Is(ref reader, "cache_creation_input_tokens"u8))
            {
                usage = usage with { CacheCreation = Count(ref reader, out _) };
            }
            else if (JsonText.Is(ref reader, "cache_read_input_tokens"u8))
            {
                usage = usage with { CacheRead = Count(ref reader, out _) };
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return usage with { IsTold = hasInput && hasOutput };
    }

    private static long Sum(long one, long other) => one > long.MaxValue - Math.Max(0, other) ? long.MaxValue : one + Math.Max(0, other);

    private static long Count(ref JsonReader reader, out bool isTold)
    {
        AdditionalFields ignored = default;
        long count = JsonField.Integer(ref reader, ref ignored) ?? -1;
        isTold = count >= 0;
        return Math.Max(0, count);
    }
}

/// <summary>What one message used, read in passing; nothing for messages that are not the model's.</summary>
/// <param name="Tokens">The tokens that no message before it has told.</param>
/// <param name="IsTold">Whether the CLI told them.</param>
/// <param name="ToolUses">How many tools it calls.</param>
/// <param name="IsTurn">Whether it is an answer of the main agent, and no further part of one.</param>
internal readonly record struct StepCount(long Tokens, bool IsTold, int ToolUses, bool IsTurn);
