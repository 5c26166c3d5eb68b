using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Amp.Messages.Json;

/// <summary>What is special in the bytes of a JSON string.</summary>
internal static class JsonString
{
    /// <summary>The next byte that ends a string, begins an escape or may not stand in a string; the length where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FindStop(ReadOnlySpan<byte> json, int index)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            for (; index <= json.Length - Vector256<byte>.Count; index += Vector256<byte>.Count)
            {
                Vector256<byte> bytes = Vector256.Create(json.Slice(index, Vector256<byte>.Count));
                uint stops = (Vector256.Equals(bytes, Vector256.Create((byte)'"'))
                    | Vector256.Equals(bytes, Vector256.Create((byte)'\\'))
                    | Vector256.LessThan(bytes, Vector256.Create((byte)' '))).ExtractMostSignificantBits();
                if (stops != 0)
                {
                    return index + BitOperations.TrailingZeroCount(stops);
                }
            }
        }

        for (; index <= json.Length - Vector128<byte>.Count; index += Vector128<byte>.Count)
        {
            Vector128<byte> bytes = Vector128.Create(json.Slice(index, Vector128<byte>.Count));
            uint stops = (Vector128.Equals(bytes, Vector128.Create((byte)'"'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
                | Vector128.LessThan(bytes, Vector128.Create((byte)' '))).ExtractMostSignificantBits();
            if (stops != 0)
            {
                return index + BitOperations.TrailingZeroCount(stops);
            }
        }

        while ((uint)index < (uint)json.Length && json[index] is not ((byte)'"' or (byte)'\\' or < (byte)' '))
        {
            index++;
        }

        return index;
    }
}
