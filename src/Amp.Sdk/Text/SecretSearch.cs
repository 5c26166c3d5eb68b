using System.Text;

namespace Amp.Text;

/// <summary>
/// Tells quickly whether bytes may contain a secret, so that only those few lines are decoded that do. It may report bytes without one, but never misses
/// what <see cref="SecretRedactor"/> would remove.
/// </summary>
internal sealed class SecretSearch
{
    // The fixed parts of the patterns of secrets. All letters are compared without their case, which is one bit.
    private static readonly byte[][] s_marks = [.. new[] { "authToken=", "Bearer", "AMP_API_KEY", "sgamp_" }.Select(mark => Folded(Encoding.UTF8.GetBytes(mark)))];

    private readonly byte[][] _values;
    private byte[] _folded = [];

    /// <param name="values">The known secrets, in all their spellings.</param>
    public SecretSearch(IEnumerable<string> values) => _values = [.. values.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Returns whether bytes may contain a secret. Only for one thread at a time.</summary>
    public bool MayFind(ReadOnlySpan<byte> bytes)
    {
        foreach (byte[] value in _values)
        {
            if (bytes.IndexOf(value) >= 0)
            {
                return true;
            }
        }

        if (_folded.Length < bytes.Length)
        {
            _folded = new byte[bytes.Length];
        }

        Span<byte> folded = _folded.AsSpan(0, bytes.Length);
        Fold(bytes, folded);
        foreach (byte[] mark in s_marks)
        {
            if (folded.IndexOf(mark) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] Folded(byte[] bytes)
    {
        byte[] folded = new byte[bytes.Length];
        Fold(bytes, folded);
        return folded;
    }

    // The bit is set in all bytes. Others than letters become equal to a few more, which only means that a line is decoded.
    private static void Fold(ReadOnlySpan<byte> bytes, Span<byte> folded)
    {
        int i = 0;
        for (; i + System.Numerics.Vector<byte>.Count <= bytes.Length; i += System.Numerics.Vector<byte>.Count)
        {
            (new System.Numerics.Vector<byte>(bytes[i..]) | new System.Numerics.Vector<byte>(0x20)).CopyTo(folded[i..]);
        }

        for (; i < bytes.Length; i++)
        {
            folded[i] = (byte)(bytes[i] | 0x20);
        }
    }
}
