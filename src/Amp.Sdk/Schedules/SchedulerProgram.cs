using System.Runtime.CompilerServices;
using System.Text;
using Amp.Cli;
using Amp.Processes;

namespace Amp.Schedules;

/// <summary>Runs programs of schedulers for a short answer, without a shell.</summary>
internal sealed class SchedulerProgram
{
    // A crontab has a few kilobytes.
    private const int LongestAnswer = 4 * 1024 * 1024;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, string> _environment;
    private readonly string _folder;

    /// <param name="environment">The variables of the user.</param>
    /// <param name="folder">An existing folder, in which the programs run and from which none is taken.</param>
    public SchedulerProgram(IReadOnlyDictionary<string, string> environment, string folder)
    {
        _environment = new Dictionary<string, string>(environment, OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        _folder = folder;

        // A shell that was started by su has no such variable, and finds no systemd of its user.
        string runtime = $"/run/user/{Files.FileFacts.EffectiveUser}";
        if (OperatingSystem.IsLinux() && !_environment.ContainsKey("XDG_RUNTIME_DIR") && Directory.Exists(runtime))
        {
            _environment["XDG_RUNTIME_DIR"] = runtime;
        }

        // Some answers are read.
        _environment["LC_ALL"] = "C";
    }

    /// <summary>Finds a program; null if there is none.</summary>
    public string? Find(string name) => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.SystemDirectory, name + ".exe")
        : new CliLocator(_environment, _folder).FindOnPath(name);

    /// <summary>Runs a program and waits for its end.</summary>
    /// <param name="call">The call.</param>
    /// <param name="input">The standard input; null for none.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AmpException">The program is not there, could not be started, or did not exit.</exception>
    public async Task<SchedulerAnswer> AskAsync(SchedulerCall call, byte[]? input, CancellationToken cancellationToken)
    {
        string path = Find(call.Program) ?? throw Failure($"'{call.Program}' was not found on PATH.", "Install it, or choose another scheduler.");
        ChildProcess child = ChildProcess.Start(new ProcessCommand(path, call.Arguments, _folder, _environment, Guid.NewGuid().ToString("N")));
        await using ConfiguredAsyncDisposable ownedChild = child.ConfigureAwait(false);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_limit);
        StandardErrorTail errors = new();
        Task drain = errors.DrainAsync(child.Error, _ => { });
        Task<byte[]> read = ReadAsync(child.Output);
        _ = WriteAsync(child.Input, input);
        try
        {
            ProcessExit exit = await child.Exited.WaitAsync(limit.Token).ConfigureAwait(false);
            await child.KillAsync().ConfigureAwait(false);
            byte[] output = await read.WaitAsync(limit.Token).ConfigureAwait(false);
            await drain.WaitAsync(limit.Token).ConfigureAwait(false);
            return new SchedulerAnswer(exit, output, errors.Text);
        }
        catch (OperationCanceledException)
        {
            throw cancellationToken.IsCancellationRequested
                ? new AmpCanceledException(cancellationToken)
                : Failure($"'{call}' did not exit within {s_limit.TotalSeconds:0} s.", "Run it in a terminal to see what it is waiting for.");
        }
    }

    /// <summary>Runs a program that must succeed.</summary>
    /// <exception cref="AmpException">The program is not there, could not be started, did not exit, or failed.</exception>
    public async Task RunAsync(SchedulerCall call, CancellationToken cancellationToken, byte[]? input = null)
    {
        SchedulerAnswer answer = await AskAsync(call, input, cancellationToken).ConfigureAwait(false);
        if (!answer.Exit.IsSuccess)
        {
            throw Failure(call, answer);
        }
    }

    /// <summary>Creates the error for a call that failed.</summary>
    public static AmpScheduleException Failure(SchedulerCall call, SchedulerAnswer answer) => Failure(
        $"'{call}' ended with {answer.Exit}.{StandardErrorTail.Quoted(answer.StandardError.Length > 0 ? answer.StandardError : TerminalText.Strip(answer.Text))}",
        "Read what the program wrote. Nothing was left behind.");

    /// <summary>Creates the error for a scheduler that cannot be used.</summary>
    public static AmpScheduleException Failure(string message, string advice) => new(message, AmpErrorId.SchedulerFailed, advice);

    private static async Task<byte[]> ReadAsync(Stream output)
    {
        using MemoryStream answer = new();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await output.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                if (answer.Length + read > LongestAnswer)
                {
                    throw Failure("The answer of the scheduler is too long.", "Run the program in a terminal.");
                }

                answer.Write(buffer, 0, read);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // This process stopped the program.
        }

        return answer.ToArray();
    }

    private static async Task WriteAsync(Stream stream, byte[]? input)
    {
        try
        {
            if (input is not null)
            {
                await stream.WriteAsync(input).ConfigureAwait(false);
            }

            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // It exited before it had read everything. Its exit explains why.
        }
    }
}

/// <summary>The answer of a program.</summary>
internal sealed record SchedulerAnswer(ProcessExit Exit, byte[] Output, string StandardError)
{
    /// <summary>The output as text.</summary>
    public string Text => Encoding.UTF8.GetString(Output).Trim();
}
