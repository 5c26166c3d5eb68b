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
    // How soon a reading that was given up ends, of which there is hardly ever one. A thread that looks as seldom as that costs nothing.
    private const int LookMilliseconds = 200;

    // While this side is at work on what it has read, the other one fills the pipe: with four times the usual room neither waits as often.
    // It is what 256 runs of one user may have before Linux grants no more (pipe-user-pages-soft); where it does not, the usual room stays.
    private const int Room = 256 * 1024;

    // F_SETPIPE_SZ, which Linux alone has; its number is the same on all its processors.
    private const int SetPipeSize = 1031;

    // These have the same numbers on Linux and on macOS.
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

    // True also at the end, and where the pipe is broken: then the reading tells.
    private bool Poll(int milliseconds)
    {
        // Without it the number could mean another file by now.
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
