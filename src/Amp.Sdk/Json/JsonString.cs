using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Amp.Json;

/// <summary>
/// Finds the end of a JSON string, 64 bytes at a time and one bit per byte: an agent's strings are long and have many escapes, and a stop
/// at each escape costs more than reading the bytes between them.
/// </summary>
/// <remarks>The bits are combined as in simdjson (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019).</remarks>
internal static class JsonString
{
    private const int BlockLength = 64;
    private const ulong OddBits = 0xAAAA_AAAA_AAAA_AAAA;

    /// <summary>
    /// Gets the position of the quote that ends the string; negative if there is none, or an invalid character comes before it.
    /// </summary>
    /// <param name="json">The string.</param>
    /// <param name="index">The position of the first byte of the string, after its quote.</param>
    /// <param name="isEscaped">Whether the string contains escapes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FindEnd(ReadOnlySpan<byte> json, int index, out bool isEscaped)
    {
        isEscaped = false;
        if (index <= json.Length - Vector256<byte>.Count)
        {
            // Most strings are short names.
            Vector256<byte> start = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(json), (nuint)index);
            uint stops = (Vector256.Equals(start, Vector256.Create((byte)'"'))
                | Vector256.Equals(start, Vector256.Create((byte)'\\'))
                | Vector256.LessThan(start, Vector256.Create((byte)' '))).ExtractMostSignificantBits();
            int stop = index + BitOperations.TrailingZeroCount(stops);
            if (stops != 0 && json[stop] == '"')
            {
                return stop;
            }
        }

        ulong escapes = 0;
        ulong isFirstEscaped = 0;
        for (; index < json.Length; index += BlockLength)
        {
            Vector512<byte> block = Load(json, index, out int before);
            ulong quotes = Where(block, (byte)'"') >> before;
            ulong backslashes = Where(block, (byte)'\\') >> before;
            ulong controls = Vector512.LessThan(block, Vector512.Create((byte)' ')).ExtractMostSignificantBits() >> before;

            // In a sequence of backslashes, every second one begins an escape, counted from the first that is not escaped itself:
            // subtracting the first from what follows carries along the sequence.
            ulong first = backslashes & ~isFirstEscaped;
            ulong beginsOrEnds = (((first << 1) | OddBits) - first) ^ OddBits;
            ulong escaped = beginsOrEnds ^ (backslashes | isFirstEscaped);
            isFirstEscaped = (beginsOrEnds & backslashes) >> (BlockLength - 1);

            ulong ends = quotes & ~escaped;
            ulong inside = ~ends & (ends - 1);
            escaped &= inside;
            escapes |= escaped;
            ulong unusual = escaped & ~(quotes | backslashes | (Where(block, (byte)'n') >> before));
            if ((controls & inside) != 0 || (unusual != 0 && !AreEscapes(json, index, unusual)))
            {
                return -1;
            }

            if (ends != 0)
            {
                isEscaped = escapes != 0;
                return index + BitOperations.TrailingZeroCount(ends);
            }
        }

        return -1;
    }

    // Nothing can be read after the end of the text, so its last block starts before the requested position.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Load(ReadOnlySpan<byte> json, int index, out int before)
    {
        before = Math.Max(0, index + BlockLength - json.Length);
        return before <= index ? Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(json), (nuint)(index - before)) : LoadShort(json, index, out before);
    }

    private static Vector512<byte> LoadShort(ReadOnlySpan<byte> json, int index, out int before)
    {
        before = 0;
        Span<byte> block = stackalloc byte[BlockLength];
        block.Clear();
        json[index..].CopyTo(block);
        return Vector512.Create<byte>(block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Where(in Vector512<byte> block, byte value) => Vector512.Equals(block, Vector512.Create(value)).ExtractMostSignificantBits();

    private static bool AreEscapes(ReadOnlySpan<byte> json, int index, ulong places)
    {
        for (; places != 0; places &= places - 1)
        {
            // A text that ends after a backslash has no next byte.
            int place = Math.Min(index + BitOperations.TrailingZeroCount(places), json.Length);
            if (!StartsWithEscape(json[place..]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool StartsWithEscape(ReadOnlySpan<byte> text) => text switch
    {
        [(byte)'t' or (byte)'r' or (byte)'/' or (byte)'b' or (byte)'f', ..] => true,
        [(byte)'u', byte one, byte two, byte three, byte four, ..] =>
            char.IsAsciiHexDigit((char)one) && char.IsAsciiHexDigit((char)two) && char.IsAsciiHexDigit((char)three) && char.IsAsciiHexDigit((char)four),
        _ => false,
    };
}
