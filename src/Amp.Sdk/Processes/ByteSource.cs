using System.IO.Pipes;

namespace Amp.Processes;

/// <summary>What another process writes, for one thread that does nothing but read it and may wait here for as long as that takes.</summary>
internal abstract class ByteSource : IDisposable
{
    /// <summary>Whether there is something to read at once; false where that is not known.</summary>
    public bool HasMore
    {
        get
        {
            try
            {
                return Look();
            }
            catch (Exception exception) when (IsEnd(exception))
            {
                // Then the reading tells.
                return true;
            }
        }
    }

    /// <summary>The best way to read a stream on this system.</summary>
    public static ByteSource Of(Stream stream) =>
        stream is PipeStream pipe && !OperatingSystem.IsWindows() ? new PolledPipe(pipe) : new AwaitedStream(stream);

    /// <summary>Waits for bytes; 0 at the end, or when it was given up.</summary>
    public int Read(Memory<byte> buffer)
    {
        try
        {
            return Wait(buffer);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // The pipe was given up at the end of the run.
            return 0;
        }
    }

    /// <summary>Ends the waiting for what somebody else may write some time, from whatever thread.</summary>
    public abstract void GiveUp();

    /// <inheritdoc/>
    public abstract void Dispose();

    protected abstract bool Look();

    protected abstract int Wait(Memory<byte> buffer);

    private static bool IsEnd(Exception exception) => exception is IOException or ObjectDisposedException or OperationCanceledException;
}
