using System.Text;

namespace Amp.FakeCli;

/// <summary>Stdout or stderr: unbuffered, and one writer at a time, since a signal's steps run on a thread of their own.</summary>
internal sealed class OutputStream(Stream stream, int descriptor)
{
    private const int ChunkSize = 64 * 1024;

    private readonly object _gate = new();
    private bool _isClosed;

    public void WriteText(string text) => Write(Encoding.UTF8.GetBytes(text));

    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            WriteUnlocked(bytes);
        }
    }

    /// <summary>Writes <paramref name="before"/>, that many 'x' and <paramref name="after"/> without building the whole.</summary>
    public void WriteFilled(ReadOnlySpan<byte> before, long count, ReadOnlySpan<byte> after)
    {
        byte[] chunk = new byte[(int)Math.Min(count, ChunkSize)];
        Array.Fill(chunk, (byte)'x');
        lock (_gate)
        {
            WriteUnlocked(before);
            for (long left = count; left > 0; left -= chunk.Length)
            {
                WriteUnlocked(chunk.AsSpan(0, (int)Math.Min(left, chunk.Length)));
            }

            WriteUnlocked(after);
        }
    }

    public void CopyFrom(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] chunk = new byte[1024 * 1024];
        lock (_gate)
        {
            for (int read; (read = file.Read(chunk)) > 0;)
            {
                WriteUnlocked(chunk.AsSpan(0, read));
            }
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            stream.Dispose();
            NativeMethods.CloseStandardStream(descriptor);
        }
    }

    private void WriteUnlocked(ReadOnlySpan<byte> bytes)
    {
        if (!_isClosed && bytes.Length > 0)
        {
            stream.Write(bytes);
            stream.Flush();
        }
    }
}
