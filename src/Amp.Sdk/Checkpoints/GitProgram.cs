using System.Runtime.CompilerServices;
using System.Text;
using Amp.Processes;

namespace Amp.Checkpoints;

/// <summary>
/// Runs git without a shell, a prompt, an editor, hooks, or a variable that would lead it to another repository. Its messages are those of
/// the C locale, because some of them are read.
/// </summary>
internal sealed class GitProgram
{
    private const int LargestAnswer = 512 * 1024 * 1024;

    // They would ask the user, or run the user's programs.
    private static readonly string[] s_removed = ["SSH_ASKPASS", "EDITOR", "VISUAL", "PAGER", "LANGUAGE"];

    private readonly string _path;
    private readonly TimeSpan _limit;
    private readonly Dictionary<string, string> _environment;

    /// <param name="path">The full path of the program.</param>
    /// <param name="environment">The variables of the caller.</param>
    /// <param name="limit">The time limit for each command; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    public GitProgram(string path, IReadOnlyDictionary<string, string> environment, TimeSpan limit)
    {
        _path = path;
        _limit = limit;
        Variables = environment;
        _environment = new Dictionary<string, string>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach ((string name, string value) in environment)
        {
            if (!name.StartsWith("GIT_", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("AMP_", StringComparison.OrdinalIgnoreCase)
                && !s_removed.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                _environment[name] = value;
            }
        }

        // Git before 2.44 fetches missing objects whatever GIT_NO_LAZY_FETCH says. Without a protocol, it cannot.
        (string Name, string Value)[] set =
        [
            ("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0"), ("GCM_INTERACTIVE", "never"), ("GIT_EDITOR", ":"), ("GIT_PAGER", "cat"),
            ("GIT_NO_LAZY_FETCH", "1"), ("GIT_ALLOW_PROTOCOL", "none"), ("GIT_NO_REPLACE_OBJECTS", "1"), ("GIT_ATTR_NOSYSTEM", "1"),
        ];
        foreach ((string name, string value) in set)
        {
            _environment[name] = value;
        }
    }

    /// <summary>The variables of the caller.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>Runs a command.</summary>
    /// <param name="call">The command.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="AmpException">Git could not be started, failed, or exceeded the time limit.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public async Task<GitAnswer> RunAsync(GitCall call, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(call.ChangesFiles ? Timeout.InfiniteTimeSpan : _limit);
        Dictionary<string, string> environment = new(_environment, _environment.Comparer);
        foreach ((string name, string value) in call.Variables)
        {
            environment[name] = value;
        }

        (string program, IReadOnlyList<string> arguments) = Program(call);
        ChildProcess child = ChildProcess.Start(new ProcessCommand(program, arguments, call.WorkingDirectory, environment, Guid.NewGuid().ToString("N")));
        await using ConfiguredAsyncDisposable ownedChild = child.ConfigureAwait(false);
        StandardErrorTail errors = new();
        Task drain = errors.DrainAsync(child.Error, _ => { });
        Task<(byte[] Output, bool IsCut)> read = ReadAsync(child.Output, call.MostBytes ?? LargestAnswer);
        _ = WriteAsync(child.Input, call.Input);
        try
        {
            // The reader leaves early when it has enough, and then git cannot write the rest.
            (byte[] output, bool isCut) = await read.WaitAsync(limit.Token).ConfigureAwait(false);
            if (isCut)
            {
                return call.MostBytes is null ? throw Failure(call, "an answer that is too long", string.Empty) : new GitAnswer(0, output, string.Empty) { IsCut = true };
            }

            ProcessExit exit = await child.Exited.WaitAsync(limit.Token).ConfigureAwait(false);
            await drain.WaitAsync(limit.Token).ConfigureAwait(false);
            if (errors.IsTruncated && !call.ChangesFiles)
            {
                throw Failure(call, "too many problems", errors.Text);
            }

            return exit.ExitCode is int code && (code == 0 || call.IsAnswer(code))
                ? new GitAnswer(code, output, errors.Text) { IsErrorCut = errors.IsTruncated }
                : throw Failure(call, exit.ToString(), errors.Text);
        }
        catch (OperationCanceledException)
        {
            throw cancellationToken.IsCancellationRequested
                ? new AmpCanceledException(cancellationToken)
                : new AmpTimeoutException(
                    $"'git {call.Name}' did not exit within {_limit.TotalSeconds:0.#} s in '{call.WorkingDirectory}'.",
                    AmpErrorId.Timeout,
                    _limit,
                    "Add large folders that do not require a checkpoint to .gitignore, or work without a checkpoint.");
        }
    }

    // Nothing stops a command halfway that changes files, and nobody else can read them until their modes are set.
    private (string Program, IReadOnlyList<string> Arguments) Program(GitCall call) => call.ChangesFiles && !OperatingSystem.IsWindows()
        ? ("/bin/sh", ["-c", "umask 077; " + OwnSession.Script, "sh", _path, .. call.Arguments])
        : (_path, call.Arguments);

    private static AmpProcessException Failure(GitCall call, string reason, string said) => new(
        (call.ChangesFiles ? string.Empty : $"The state of '{call.WorkingDirectory}' could not be read or kept: ") + $"'git {call.Name}' ended with {reason}.{StandardErrorTail.Quoted(said)}",
        AmpErrorId.CheckpointFailed,
        call.ChangesFiles ? "Read what git wrote." : "Read what git wrote. Your files are unchanged.")
    {
        StandardError = said,
    };

    private static async Task<(byte[] Output, bool IsCut)> ReadAsync(Stream output, int most)
    {
        using MemoryStream answer = new();
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await output.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                answer.Write(buffer, 0, (int)Math.Min(read, most - answer.Length));
                if (answer.Length >= most)
                {
                    return (answer.ToArray(), true);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // This process stopped the command.
        }

        return (answer.ToArray(), false);
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

/// <summary>A command of git.</summary>
/// <param name="WorkingDirectory">An existing folder.</param>
/// <param name="Arguments">The arguments, without a secret.</param>
internal sealed record GitCall(string WorkingDirectory, IReadOnlyList<string> Arguments)
{
    private static readonly Dictionary<string, string> s_none = [];

    /// <summary>The name of the command, for errors.</summary>
    public required string Name { get; init; }

    /// <summary>Variables in addition to those of the program.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = s_none;

    /// <summary>The standard input; null for none.</summary>
    public byte[]? Input { get; init; }

    /// <summary>The number of bytes after which the answer is cut; null if a long answer is an error.</summary>
    public int? MostBytes { get; init; }

    /// <summary>
    /// Whether the command changes the user's files. It is not stopped halfway, neither by the time limit nor by Ctrl+C in the terminal, and what it creates
    /// can be read only by the user.
    /// </summary>
    public bool ChangesFiles { get; init; }

    /// <summary>Determines which other exit codes are answers and not errors.</summary>
    public Func<int, bool> IsAnswer { get; init; } = static _ => false;
}

/// <summary>The answer of git.</summary>
internal sealed record GitAnswer(int ExitCode, byte[] Output, string StandardError)
{
    /// <summary>Whether the output was longer than the part that is kept.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether more was written to standard error than is kept.</summary>
    public bool IsErrorCut { get; init; }

    /// <summary>The output as text, without the last line break.</summary>
    public string Text => Encoding.UTF8.GetString(Output).TrimEnd('\n', '\r');

    /// <summary>The parts of the output that end with a NUL character.</summary>
    public IEnumerable<byte[]> Parts()
    {
        int start = 0;
        for (int end; start < Output.Length && (end = Array.IndexOf(Output, (byte)0, start)) >= 0; start = end + 1)
        {
            yield return Output[start..end];
        }
    }
}
