using System.Runtime.CompilerServices;
using System.Text;
using Amp.Processes;
using Amp.Text;

namespace Amp.Cli;

/// <summary>Runs a CLI once for a short answer: its version, its help, a management command.</summary>
internal static class CliCommand
{
    // A whole thread as JSON or Markdown may be long; a program that is not the CLI may write for ever.
    private const int LongestAnswer = 64 * 1024 * 1024;

    // The CLI asks for a login with the first words it writes.
    private const int LoginWithin = 4096;

    /// <summary>Starts the command, gives it its input, and gives what it wrote. It is ended at the time limit.</summary>
    /// <param name="program">The CLI.</param>
    /// <param name="arguments">The command and what it is given, each as a whole.</param>
    /// <param name="environment">All variables that it starts with.</param>
    /// <param name="workingDirectory">A folder that exists.</param>
    /// <param name="timeout">How long it may take; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="input">What it reads from its standard input, which is closed behind it; null for nothing.</param>
    /// <exception cref="AmpAuthenticationException">It began an interactive login.</exception>
    /// <exception cref="AmpCliNotFoundException">It could not be started.</exception>
    /// <exception cref="AmpTimeoutException">It took too long.</exception>
    /// <exception cref="AmpCanceledException">The token was cancelled.</exception>
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
                throw new AmpAuthenticationException(LoginPrompt.Message);
            }

            ProcessExit exit = await child.Exited.ConfigureAwait(false);

            // What it has left running would hold its output open.
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

            // The arguments may be a user's text, and the words are those of a program that hangs.
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
            // It ended before it had read everything; how it ended says why.
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
            // The command was ended from here; what it wrote until then is the answer.
        }

        return (Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length), isTruncated);
    }
}

/// <summary>What a command answered.</summary>
internal sealed record CliAnswer(ProcessExit Exit, string Output, string StandardError)
{
    /// <summary>Whether it wrote more than is kept.</summary>
    public bool IsTruncated { get; init; }
}
