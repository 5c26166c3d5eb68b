using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Amp.FakeCli;

/// <summary>Stdin, with an account of every byte that was taken from it.</summary>
internal sealed class StandardInput
{
    private const int LongestText = 1024 * 1024;
    private const int FirstBytesLength = 64;

    private readonly Stream _stream = Console.OpenStandardInput();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly object _gate = new();
    private IncrementalHash? _hash;
    private int _position;
    private int _available;

    /// <summary>Called once the end was read.</summary>
    public Action? Ended { get; set; }

    public long ByteCount { get; private set; }

    public bool ReachedEnd { get; private set; }

    public string Sha256
    {
        get
        {
            lock (_gate)
            {
                return Convert.ToHexString(_hash?.GetCurrentHash() ?? SHA256.HashData([])).ToLowerInvariant();
            }
        }
    }

    public string FirstBytes
    {
        get
        {
            lock (_gate)
            {
                return Convert.ToHexString(Kept[..Math.Min(Kept.Length, FirstBytesLength)]).ToLowerInvariant();
            }
        }
    }

    /// <summary>All that was read so far, or null where that is more than a record should hold.</summary>
    public string? Text
    {
        get
        {
            lock (_gate)
            {
                return ByteCount > LongestText ? null : Encoding.UTF8.GetString(Kept);
            }
        }
    }

    private ReadOnlySpan<byte> Kept => _text.WrittenSpan;

    /// <summary>Reads and forgets everything up to the end.</summary>
    public void ReadToEnd()
    {
        while (Fill())
        {
            _position = _available;
        }
    }

    /// <summary>Reads up to the end and gives it as text.</summary>
    public string ReadText()
    {
        using MemoryStream all = new();
        while (Fill())
        {
            all.Write(_buffer, _position, _available - _position);
            _position = _available;
        }

        return Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length);
    }

    /// <summary>Reads one line without its end, or null at the end of the input.</summary>
    public string? ReadLine()
    {
        using MemoryStream line = new();
        while (Fill())
        {
            int length = _buffer.AsSpan(_position, _available - _position).IndexOf((byte)'\n');
            int taken = length < 0 ? _available - _position : length;
            line.Write(_buffer, _position, taken);
            _position += length < 0 ? taken : taken + 1;
            if (length >= 0)
            {
                return Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length);
            }
        }

        return line.Length == 0 ? null : Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length);
    }

    /// <summary>Takes no more than that many bytes from the pipe: the rest stays in it.</summary>
    public void ReadBytes(long count)
    {
        for (long left = count; left > 0;)
        {
            if (!Fill((int)Math.Min(left, _buffer.Length)))
            {
                return;
            }

            int taken = (int)Math.Min(left, _available - _position);
            _position += taken;
            left -= taken;
        }
    }

    public void Close()
    {
        _stream.Dispose();
        NativeMethods.CloseStandardStream(0);
    }

    private bool Fill() => Fill(_buffer.Length);

    private bool Fill(int most)
    {
        if (_position < _available)
        {
            return true;
        }

        if (ReachedEnd)
        {
            return false;
        }

        int read = _stream.Read(_buffer, 0, most);
        _position = 0;
        _available = read;
        if (read > 0)
        {
            Account(_buffer.AsSpan(0, read));
            return true;
        }

        ReachedEnd = true;
        Ended?.Invoke();
        return false;
    }

    private void Account(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            ByteCount += bytes.Length;
            _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _hash.AppendData(bytes);
            if (_text.WrittenCount <= LongestText)
            {
                _text.Write(bytes);
            }
        }
    }
}
