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
        Task drain = errors.DrainAsync(child.Error, _ => { });
        TaskCompletionSource login = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<(string Text, bool IsTruncated)> read = ReadAsync(child.Output, login);
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
            (string output, bool isTruncated) = await read.WaitAsync(limit.Token).ConfigureAwait(false);
            await drain.WaitAsync(limit.Token).ConfigureAwait(false);
            return new CliAnswer(exit, output, errors.Text) { IsTruncated = isTruncated };
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
                StandardError = redactor.Redact(errors.Text),
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

    private static async Task<(string Text, bool IsTruncated)> ReadAsync(Stream output, TaskCompletionSource login)
    {
        using MemoryStream answer = new();
        bool isTruncated = false;
        byte[] buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await output.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                isTruncated |= answer.Length >= LongestAnswer;
                if (!isTruncated)
                {
                    answer.Write(buffer, 0, read);
                }

                if (answer.Length <= LoginWithin && LoginPrompt.Begins(answer.GetBuffer().AsSpan(0, (int)answer.Length)))
                {
                    login.TrySetResult();
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // This process stopped the command. Its output so far is the answer.
        }

        return (Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length), isTruncated);
    }
}

/// <summary>The answer of a command.</summary>
internal sealed record CliAnswer(ProcessExit Exit, string Output, string StandardError)
{
    /// <summary>Whether the output was longer than the part that is kept.</summary>
    public bool IsTruncated { get; init; }
}
