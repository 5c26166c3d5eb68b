namespace Amp.Sdk.Tests.Support;

/// <summary>Gives its bytes in pieces of one size, as a pipe may.</summary>
internal sealed class PiecewiseStream(byte[] bytes, int pieceSize) : MemoryStream(bytes)
{
    /// <summary>How much the reader had room for when it read last.</summary>
    public int LargestRoomOfLastRead { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        LargestRoomOfLastRead = buffer.Length;
        await Task.Yield();
        return await base.ReadAsync(buffer[..Math.Min(buffer.Length, pieceSize)], cancellationToken);
    }
}
