using System.Text;
using Amp.Processes;

namespace Amp.Services;

/// <summary>
/// Runs the executables of a toolbox, with the action in <c>TOOLBOX_ACTION</c>. One that exceeds its time limit is stopped with everything
/// it started; processes that a completed one left running are stopped at the end of the run.
/// </summary>
internal sealed class ToolboxProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(1);

    private readonly string _workingDirectory;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly System.Collections.Concurrent.ConcurrentBag<ChildProcess> _left = [];
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Task, bool> _running = new();

    /// <param name="workingDirectory">The folder in which they run, which is that of the agent.</param>
    /// <param name="environment">Their environment variables, which are those of the CLI.</param>
    public ToolboxProcess(string workingDirectory, IReadOnlyDictionary<string, string> environment)
    {
        _workingDirectory = workingDirectory;
        _environment = environment;
    }

    /// <summary>Runs an executable and returns its output, which includes its errors.</summary>
    /// <param name="file">The executable.</param>
    /// <param name="action">The action: <c>describe</c> or <c>execute</c>.</param>
    /// <param name="input">The standard input.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="AmpException">The system cannot start it.</exception>
    public async Task<ToolboxAnswer> RunAsync(string file, string action, string input, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource ended = new();
        _running[ended.Task] = true;
        try
        {
            return await RunAsync(Command(file, action), input, keepsErrors: action == "execute", cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _running.TryRemove(ended.Task, out _);
            ended.SetResult();
        }
    }

    /// <summary>Waits for executables that are being stopped, and stops what others left running.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_running.Keys).ConfigureAwait(false);
        while (_left.TryTake(out ChildProcess? child))
        {
            await child.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ProcessCommand Command(string file, string action) => new(
        file,
        [],
        _workingDirectory,
        new Dictionary<string, string>(_environment) { ["TOOLBOX_ACTION"] = action, ["AGENT"] = "amp", ["CLAUDECODE"] = "1" },
        Guid.NewGuid().ToString("N"));

    private async Task<ToolboxAnswer> RunAsync(ProcessCommand command, string input, bool keepsErrors, CancellationToken cancellationToken)
    {
        ChildProcess child = ChildProcess.Start(command);
        try
        {
            StandardErrorTail written = new();
            StandardErrorTail aside = new();
            int lines = 0;
            Task output = written.DrainAsync(child.Output, bytes => Interlocked.Add(ref lines, bytes.Span.Count((byte)'\n')));
            Task errors = (keepsErrors ? written : aside).DrainAsync(
                child.Error, bytes => Interlocked.Add(ref lines, keepsErrors ? bytes.Span.Count((byte)'\n') : 0));
            Task told = TellAsync(child, input);
            ProcessExit exit = await child.Exited.WaitAsync(cancellationToken).ConfigureAwait(false);

            // Background processes of the executable may keep the pipes open.
            await Task.WhenAny(Task.WhenAll(output, errors, told), Task.Delay(s_drainLimit, cancellationToken)).ConfigureAwait(false);
            string text = written.Text;
            ToolboxAnswer answer = new(
                text, aside.Text, exit, written.IsTruncated ? Math.Max(1, lines - text.AsSpan().Count('\n')) : 0);
            if (MarkedProcesses.Find(command.RunId).Count > 0)
            {
                _left.Add(child);
                child = null!;
            }

            return answer;
        }
        finally
        {
            if (child is not null)
            {
                await child.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static async Task TellAsync(ChildProcess child, string input)
    {
        try
        {
            await using (child.Input.ConfigureAwait(false))
            {
                await child.Input.WriteAsync(Encoding.UTF8.GetBytes(input)).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // It does not read its input, or has exited.
        }
    }
}

/// <summary>The output of a toolbox executable.</summary>
/// <param name="Output">The output, or its end.</param>
/// <param name="Errors">The errors, if they are not part of the output.</param>
/// <param name="Exit">How it exited.</param>
/// <param name="LinesOmitted">The number of lines omitted at the start of the output.</param>
internal sealed record ToolboxAnswer(string Output, string Errors, ProcessExit Exit, int LinesOmitted);
