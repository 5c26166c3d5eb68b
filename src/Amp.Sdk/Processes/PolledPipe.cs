using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Amp.Processes;

/// <summary>
/// A pipe of Linux or macOS, read by the thread that requires its bytes. For asynchronous reads, .NET uses two more threads for every
/// chunk, one that detects it and one that continues with it. At full speed, they take more processor time than the processing of the
/// bytes.
/// </summary>
internal sealed class PolledPipe : ByteSource
{
    // The interval in which an ended read is noticed, which rarely happens. Such infrequent checks cost nothing.
    private const int LookMilliseconds = 200;

    // While this process handles the data, the other one fills the pipe. With four times the usual size, neither waits as often. 256 runs
    // of a user can have this size before Linux grants no more (pipe-user-pages-soft); after that, the usual size remains.
    private const int Room = 256 * 1024;

    // F_SETPIPE_SZ, which exists only on Linux, with the same number on all processors.
    private const int SetPipeSize = 1031;

    // These have the same numbers on Linux and macOS.
    private const short Readable = 1;
    private const int Interrupted = 4;

    private readonly PipeStream _pipe;
    private volatile bool _isGivenUp;
    private bool _isReadable;

    public PolledPipe(PipeStream pipe)
    {
        _pipe = pipe;
        if (OperatingSystem.IsLinux())
        {
            _ = NativeControl(pipe.SafePipeHandle, SetPipeSize, Room);
        }
    }

    public override void GiveUp() => _isGivenUp = true;

    public override void Dispose() => GiveUp();

    protected override bool Look() => !_isGivenUp && (_isReadable = Poll(0));

    protected override int Wait(Memory<byte> buffer)
    {
        while (!_isGivenUp)
        {
            if (_isReadable || Poll(LookMilliseconds))
            {
                _isReadable = false;
                return _pipe.Read(buffer.Span);
            }
        }

        return 0;
    }

    // True also at the end and for a broken pipe: the read then reports it.
    private bool Poll(int milliseconds)
    {
        // Without this, the number could mean another file.
        bool isHeld = false;
        SafeHandle handle = _pipe.SafePipeHandle;
        try
        {
            handle.DangerousAddRef(ref isHeld);
            PollDescriptor descriptor = new() { File = (int)handle.DangerousGetHandle(), Events = Readable };
            int ready = NativePoll(ref descriptor, 1, milliseconds);
            return ready >= 0 || Marshal.GetLastPInvokeError() == Interrupted
                ? ready > 0
                : throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        }
        finally
        {
            if (isHeld)
            {
                handle.DangerousRelease();
            }
        }
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeControl(SafeHandle file, int command, int value);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativePoll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int File;
        public short Events;
        public short Returned;
    }
}
