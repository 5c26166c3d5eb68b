using System.IO.Pipes;

namespace Amp.Processes;

/// <summary>The output of another process, for a thread that only reads it and can wait as long as required.</summary>
internal abstract class ByteSource : IDisposable
{
    /// <summary>Whether bytes can be read at once; false if this is unknown.</summary>
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
                // In this case, the read itself reports it.
                return true;
            }
        }
    }

    /// <summary>Gets the best way to read a stream on this system.</summary>
    public static ByteSource Of(Stream stream) =>
        stream is PipeStream pipe && !OperatingSystem.IsWindows() ? new PolledPipe(pipe) : new AwaitedStream(stream);

    /// <summary>Waits for bytes. Returns 0 at the end, or after <see cref="GiveUp"/>.</summary>
    public int Read(Memory<byte> buffer)
    {
        try
        {
            return Wait(buffer);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // The read was ended at the end of the run.
            return 0;
        }
    }

    /// <summary>Ends the wait for bytes that may never arrive, from any thread.</summary>
    public abstract void GiveUp();

    /// <inheritdoc/>
    public abstract void Dispose();

    protected abstract bool Look();

    protected abstract int Wait(Memory<byte> buffer);

    private static bool IsEnd(Exception exception) => exception is IOException or ObjectDisposedException or OperationCanceledException;
}
