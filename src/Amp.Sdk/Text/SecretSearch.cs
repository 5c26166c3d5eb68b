using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Amp.Text;

/// <summary>
/// Tells quickly whether a JSON line may contain a secret, so that only those few lines are decoded that do. It may report a line without one. It finds a
/// known secret in all spellings that <see cref="SecretRedactor"/> finds, except those in which ordinary letters and digits are escaped.
/// </summary>
internal sealed class SecretSearch
{
    // The one bit in which small and capital letters differ. It is set in all bytes; that other bytes become equal only means that a line is decoded.
    private const byte CaseBit = 0x20;

    // The fixed parts of the patterns of secrets, and the three bytes in each that are rarest in text and code.
    private static readonly (byte[] Mark, int Rare)[] s_marks = [Mark("authToken=", "en="), Mark("Bearer", "bea"), Mark("AMP_", "mp_")];

    private readonly byte[][] _values;

    // Whether a secret has no part that is the same in all spellings, so that any escape may be one of it.
    private readonly bool _meansEscapes;

    /// <param name="values">The known secrets.</param>
    public SecretSearch(IEnumerable<string> values)
    {
        (string Value, string? Anchor)[] known = [.. values.Select(value => (value, EscapedSecrets.AnchorOf(value)))];
        _values = [.. known.Select(secret => secret.Anchor ?? secret.Value).Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)];
        _meansEscapes = Array.Exists(known, secret => secret.Anchor is null);
    }

    /// <summary>Returns whether bytes may contain a secret.</summary>
    public bool MayFind(ReadOnlySpan<byte> bytes)
    {
        foreach (byte[] value in _values)
        {
            if (bytes.IndexOf(value) >= 0)
            {
                return true;
            }
        }

        if (_meansEscapes && bytes.IndexOf((byte)'\\') >= 0)
        {
            return true;
        }

        return MayBeMarked(bytes);
    }

    // Without optimization, in a process that has just started, vectors are slower than bytes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool MayBeMarked(ReadOnlySpan<byte> bytes)
    {
        Vector<byte> caseBit = new(CaseBit);
        (Vector<byte> a, Vector<byte> b, Vector<byte> e, Vector<byte> m) = (Folded('a'), Folded('b'), Folded('e'), Folded('m'));
        (Vector<byte> n, Vector<byte> p, Vector<byte> equals, Vector<byte> line) = (Folded('n'), Folded('p'), Folded('='), Folded('_'));
        int i = 0;
        for (; i + 2 + Vector<byte>.Count <= bytes.Length; i += Vector<byte>.Count)
        {
            Vector<byte> first = new Vector<byte>(bytes[i..]) | caseBit;
            Vector<byte> second = new Vector<byte>(bytes[(i + 1)..]) | caseBit;
            Vector<byte> third = new Vector<byte>(bytes[(i + 2)..]) | caseBit;
            Vector<byte> found = (Vector.Equals(first, e) & Vector.Equals(second, n) & Vector.Equals(third, equals))
                | (Vector.Equals(first, b) & Vector.Equals(second, e) & Vector.Equals(third, a))
                | (Vector.Equals(first, m) & Vector.Equals(second, p) & Vector.Equals(third, line));
            if (found != Vector<byte>.Zero && IsMarked(bytes, i, i + Vector<byte>.Count))
            {
                return true;
            }
        }

        return IsMarked(bytes, i, bytes.Length);
    }

    private static Vector<byte> Folded(char letter) => new((byte)(letter | CaseBit));

    // Whether a mark has its rare bytes between two positions.
    private static bool IsMarked(ReadOnlySpan<byte> bytes, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            foreach ((byte[] mark, int rare) in s_marks)
            {
                if (i >= rare && i - rare + mark.Length <= bytes.Length && IsAt(bytes[(i - rare)..], mark))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsAt(ReadOnlySpan<byte> bytes, byte[] mark)
    {
        for (int i = 0; i < mark.Length; i++)
        {
            if ((bytes[i] | CaseBit) != mark[i])
            {
                return false;
            }
        }

        return true;
    }

    private static (byte[] Mark, int Rare) Mark(string mark, string rare) =>
        ([.. Encoding.UTF8.GetBytes(mark).Select(one => (byte)(one | CaseBit))], mark.IndexOf(rare, StringComparison.OrdinalIgnoreCase));
}
