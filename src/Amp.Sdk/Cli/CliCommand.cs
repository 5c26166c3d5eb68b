using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Amp.Processes;
using Amp.Text;

namespace Amp.Cli;

/// <summary>Runs a CLI once for a short answer: its version, its help, or a management command.</summary>
internal static class CliCommand
{
    // A whole thread as JSON or Markdown can be long. A program that is not the CLI can write forever.
    private const int LongestAnswer = 64 * 1024 * 1024;

    // The CLI asks for a login in its first output.
    private const int LoginWithin = 4096;

    // Two seconds in total: the remaining content of a pipe arrives at once when its process has exited.
    private const int IdleLooksToGiveUp = 40;

    // What was left running may write for ever.
    private const int LooksToGiveUp = 400;

    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Starts the command, writes its input, and returns its output. The command is stopped at the time limit.</summary>
    /// <param name="program">The CLI.</param>
    /// <param name="arguments">The command and its arguments.</param>
    /// <param name="environment">All environment variables of the command.</param>
    /// <param name="workingDirectory">An existing folder.</param>
    /// <param name="timeout">The time limit; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <param name="input">The standard input, which is then closed; null for none.</param>
    /// <exception cref="AmpAuthenticationException">The CLI started an interactive login.</exception>
    /// <exception cref="AmpCliNotFoundException">The CLI could not be started.</exception>
    /// <exception cref="AmpTimeoutException">The command exceeded the time limit.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public static async Task<CliAnswer> RunAsync(
        CliProgram program,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        string workingDirectory,
        TimeSpan timeout,
        CancellationToken cancellationToken,
        string? input = null)
    {
        ProcessCommand command = new(
            program.FileName,
            program.Script is null ? arguments : [program.Script, .. arguments],
            workingDirectory,
            environment,
            Guid.NewGuid().ToString("N"));
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);

        if (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }

        ChildProcess child = ChildProcess.Start(command);
        await using ConfiguredAsyncDisposable ownedChild = child.ConfigureAwait(false);
        StandardErrorTail errors = new();
        OutputSoFar output = new();
        TaskCompletionSource login = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long received = 0;
        Task reads = Task.WhenAll(
            ReadAsync(child.Output, output, login, count => Interlocked.Add(ref received, count)),
            errors.DrainAsync(child.Error, bytes => Interlocked.Add(ref received, bytes.Length)));
        _ = WriteAsync(child.Input, input);
        try
        {
            if (await Task.WhenAny(child.Exited, login.Task).WaitAsync(limit.Token).ConfigureAwait(false) == login.Task)
            {
                throw LoginPrompt.Failure();
            }

            ProcessExit exit = await child.Exited.ConfigureAwait(false);

            // Processes that it left running would keep its output open.
            await child.KillAsync().ConfigureAwait(false);
            await DrainAsync(reads, () => Interlocked.Read(ref received), limit.Token).ConfigureAwait(false);
            (string text, bool isTruncated) = output.Take();

            // Whoever shows it removes the secrets. Where it is cut, that is too late.
            return new CliAnswer(exit, text, errors.IsTruncated ? errors.Shown(new SecretRedactor(environment, [])) : errors.Text) { IsTruncated = isTruncated };
        }
        catch (OperationCanceledException)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                throw new AmpCanceledException(cancellationToken);
            }

            // The arguments may contain the user's text, and the output comes from a program that hangs.
            SecretRedactor redactor = new(environment, []);
            string shown = redactor.Redact(TerminalText.Strip(string.Join(' ', arguments)));
            throw new AmpTimeoutException(
                $"'{program.Path} {shown}' did not answer within {timeout.TotalSeconds:0.#} s.",
                AmpErrorId.Timeout,
                timeout,
                "Run the command in a terminal to see what it is waiting for.")
            {
                StandardError = errors.Shown(redactor),
            };
        }
    }

    private static async Task WriteAsync(Stream stream, string? input)
    {
        try
        {
            if (input is not null)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(input)).ConfigureAwait(false);
            }

            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // It exited before it had read everything. Its exit explains why.
        }
    }

    // Not every process that the command left running can be found: on macOS and Windows, none of those whose parent has exited. Like
    // OutputPump, this counts checks in which nothing has arrived, because on a busy machine everything is late.
    private static async Task DrainAsync(Task reads, Func<long> received, CancellationToken cancellationToken)
    {
        long before = received();
        int idleLooks = 0;
        for (int looks = 0; looks < LooksToGiveUp && idleLooks < IdleLooksToGiveUp && !reads.IsCompleted; looks++)
        {
            await Task.WhenAny(reads, Task.Delay(s_lookInterval, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            long now = received();
            idleLooks = now == before ? idleLooks + 1 : 0;
            before = now;
        }

        if (reads.IsCompleted)
        {
            await reads.ConfigureAwait(false);
        }
    }

    private static async Task ReadAsync(Stream stream, OutputSoFar output, TaskCompletionSource login, Action<int> received)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                if (output.Add(buffer.AsSpan(0, read)))
                {
                    login.TrySetResult();
                }

                received(read);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // This process stopped the command. Its output so far is the answer.
        }
    }

    // It is read while another process may still write to it.
    private sealed class OutputSoFar
    {
        private readonly object _lock = new();
        private readonly ArrayBufferWriter<byte> _bytes = new();
        private bool _isTruncated;

        /// <summary>Adds bytes.</summary>
        /// <returns>Whether the output is a prompt for a login.</returns>
        public bool Add(ReadOnlySpan<byte> bytes)
        {
            lock (_lock)
            {
                _isTruncated |= _bytes.WrittenCount >= LongestAnswer;
                if (!_isTruncated)
                {
                    _bytes.Write(bytes);
                }

                return _bytes.WrittenCount <= LoginWithin && LoginPrompt.Begins(_bytes.WrittenSpan);
            }
        }

        /// <summary>Gets the output, and whether there was more than is kept.</summary>
        public (string Text, bool IsTruncated) Take()
        {
            lock (_lock)
            {
                return (Encoding.UTF8.GetString(_bytes.WrittenSpan), _isTruncated);
            }
        }
    }
}

/// <summary>The answer of a command.</summary>
internal sealed record CliAnswer(ProcessExit Exit, string Output, string StandardError)
{
    /// <summary>Whether the output was longer than the part that is kept.</summary>
    public bool IsTruncated { get; init; }
}
