namespace Amp.Processes;

/// <summary>A stream of any kind, whose reads may ignore cancellation, such as that for the pipes of Windows.</summary>
internal sealed class AwaitedStream : ByteSource
{
    private readonly Stream _stream;
    private readonly CancellationTokenSource _givenUp = new();

    public AwaitedStream(Stream stream) => _stream = stream;

    public override void GiveUp() => _givenUp.Cancel();

    public override void Dispose() => _givenUp.Dispose();

    protected override bool Look() => false;

    protected override int Wait(Memory<byte> buffer)
    {
        ValueTask<int> read = _stream.ReadAsync(buffer, _givenUp.Token);
        return read.IsCompleted
            ? read.GetAwaiter().GetResult()
            : read.AsTask().WaitAsync(_givenUp.Token).GetAwaiter().GetResult();
    }
}
