using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;

namespace Amp.Processes;

/// <summary>A process that this library started and therefore stops: first by asking, then by force, with everything it started.</summary>
internal sealed class ChildProcess : RunProcess
{
    // The maximum time for a killed process to be reaped: a process in an uninterruptible wait (a dead network drive) can take forever.
    private static readonly TimeSpan s_killWait = TimeSpan.FromSeconds(2);

    // A host that exits during a run on another thread (for example a thread job) runs none of its finally blocks.
    private static readonly ConcurrentDictionary<ChildProcess, bool> s_alive = CreateRegister();

    private readonly Process _process;
    private readonly RunStrangers _strangers;
    private bool _isSwept;

    private ChildProcess(Process process, ProcessCommand command, long earliest)
    {
        _process = process;
        Mark = new RunMark(command.RunId, ProcessIdentity.Current);
        ProcessId = process.Id;
        _strangers = new RunStrangers(ProcessId, HandlesOf(Output, Error), command.WorkingDirectory, earliest);
        Exited = WaitAsync();
        s_alive.TryAdd(this, true);
    }

    /// <summary>The processes that this process started and has not disposed.</summary>
    public static ICollection<ChildProcess> Running => s_alive.Keys;

    public int ProcessId { get; }

    /// <inheritdoc/>
    public override int? Id => ProcessId;

    /// <summary>The mark of the process and everything it starts.</summary>
    public RunMark Mark { get; }

    /// <inheritdoc/>
    public override Stream Input => _process.StandardInput.BaseStream;

    /// <inheritdoc/>
    public override Stream Output => _process.StandardOutput.BaseStream;

    /// <inheritdoc/>
    public override Stream Error => _process.StandardError.BaseStream;

    /// <inheritdoc/>
    public override Task<ProcessExit> Exited { get; }

    /// <summary>Starts a process with three pipes.</summary>
    /// <exception cref="AmpException">The system could not start it.</exception>
    public static ChildProcess Start(ProcessCommand command)
    {
        ProcessStartInfo start = new(command.FileName)
        {
            WorkingDirectory = command.WorkingDirectory,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in command.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach ((string name, string value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment[RunMark.VariableName] =
            RunMark.Value(command.Environment.GetValueOrDefault(RunMark.VariableName), command.RunId);

        Process process = new() { StartInfo = start, EnableRaisingEvents = true };
        try
        {
            long earliest = ProcessTable.Now;
            process.Start();
            return new ChildProcess(process, command, earliest);
        }
        catch (Win32Exception exception)
        {
            process.Dispose();
            throw StartFailure.Of(command, exception);
        }
    }

    /// <inheritdoc/>
    public override bool Interrupt() => !Exited.IsCompleted && UnixSignal.SendInterrupt(ProcessId);

    /// <inheritdoc/>
    public override bool Terminate() => !Exited.IsCompleted && UnixSignal.SendTerminate(ProcessId);

    /// <inheritdoc/>
    public override void NoteDescendants() => _strangers.Note();

    /// <inheritdoc/>
    public override string? Suspects() => _strangers.Suspects();

    /// <inheritdoc/>
    public override async Task KillAsync()
    {
        if (_isSwept)
        {
            return;
        }

        if (!Exited.IsCompleted)
        {
            NoteDescendants();
            try
            {
                _process.Kill(entireProcessTree: true);
            }
            catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
            {
                // It exited just now, or a descendant of another user could not be killed. The search below checks again.
            }

            await Task.WhenAny(Exited, Task.Delay(s_killWait)).ConfigureAwait(false);
        }

        await MarkedProcesses.KillAllAsync(Mark.RunId).ConfigureAwait(false);
        await _strangers.KillAsync().ConfigureAwait(false);
        _isSwept = Exited.IsCompleted;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        s_alive.TryRemove(this, out _);

        // Redirected streams are not closed with the process, but later by the garbage collector.
        Close(Output);
        Close(Error);
        _process.Dispose();
    }

    /// <summary>
    /// Closes a stream of which a read may be pending. On Windows, to dispose it asynchronously would wait for that read, and so for the last process that has
    /// the other end of the pipe.
    /// </summary>
    internal static void Close(Stream stream) => stream.Dispose();

    private static ConcurrentDictionary<ChildProcess, bool> CreateRegister()
    {
        ConcurrentDictionary<ChildProcess, bool> alive = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Task.WaitAll(alive.Keys.Select(child => child.KillAsync()).ToArray());
        return alive;
    }

    // .NET uses these types of streams for a child's pipes. Nothing is known about others.
    private static IEnumerable<nint> HandlesOf(params Stream[] streams) =>
        streams.OfType<PipeStream>().Select(stream => stream.SafePipeHandle.DangerousGetHandle());

    private async Task<ProcessExit> WaitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return ProcessExit.FromCode(_process.ExitCode);
    }
}
