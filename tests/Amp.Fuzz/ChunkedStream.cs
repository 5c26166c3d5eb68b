namespace Amp.Fuzz;

/// <summary>Gives its bytes in pieces of odd sizes, as a pipe may.</summary>
internal sealed class ChunkedStream(byte[] bytes, int largest, Random random) : MemoryStream(bytes, writable: false)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int size = Math.Min(buffer.Length, random.Next(1, largest + 1));
        return new ValueTask<int>(Read(buffer.Span[..size]));
    }
}
