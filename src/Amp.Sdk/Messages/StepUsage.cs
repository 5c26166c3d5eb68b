using System.Runtime.CompilerServices;
using System.Text.Json;
using Amp.Json;

namespace Amp.Messages;

/// <summary>The token counts of a step of the agent, read while the line is checked.</summary>
internal readonly record struct StepUsage(long Input, long Output, long CacheCreation, long CacheRead)
{
    /// <summary>Whether the CLI reported the input and output tokens as valid numbers.</summary>
    public bool IsTold { get; init; }

    /// <summary>The tokens sent to the model, including those of its cache, which the CLI counts apart.</summary>
    public long WholeInput => Sum(Input, Sum(CacheCreation, CacheRead));

    /// <summary>The total number of tokens.</summary>
    public long Total => Sum(WholeInput, Output);

    /// <summary>Adds two counts. A count is never negative, and a sum does not overflow.</summary>
    public StepUsage Plus(in StepUsage other) => new(
        Sum(Input, other.Input), Sum(Output, other.Output), Sum(CacheCreation, other.CacheCreation), Sum(CacheRead, other.CacheRead));

    /// <summary>Subtracts another count, field by field, but not below zero.</summary>
    public StepUsage Beyond(in StepUsage other) => new(
        Math.Max(0, Input - other.Input),
        Math.Max(0, Output - other.Output),
        Math.Max(0, CacheCreation - other.CacheCreation),
        Math.Max(0, CacheRead - other.CacheRead));

    /// <summary>Reads a usage object. The reader is at its start.</summary>
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

/// <summary>The usage of a message, read while the line is checked; zero for messages that are not the model's.</summary>
/// <param name="Tokens">The tokens that no previous message has reported.</param>
/// <param name="IsTold">Whether the CLI reported the tokens.</param>
/// <param name="ToolUses">The number of tool calls.</param>
/// <param name="IsTurn">Whether the message is an answer of the main agent, and not a further part of one.</param>
internal readonly record struct StepCount(long Tokens, bool IsTold, int ToolUses, bool IsTurn)
{
    /// <summary>The same tokens by kind.</summary>
    public StepUsage Usage { get; init; }
}
