using System.Runtime.CompilerServices;
using System.Text;
using Amp.Processes;

namespace Amp.Cli;

/// <summary>Runs a CLI once for a short answer: its version, its help, a management command.</summary>
internal static class CliCommand
{
    // No command's answer is that long; a program that is not the CLI may write for ever.
    private const int LongestAnswer = 16 * 1024 * 1024;

    /// <summary>Starts the command, closes its input, and gives what it wrote. It is ended at the time limit.</summary>
    /// <exception cref="CliNotFoundException">It could not be started.</exception>
    /// <exception cref="AmpTimeoutException">It took too long.</exception>
    /// <exception cref="AmpCanceledException">The token was cancelled.</exception>
    public static async Task<CliAnswer> RunAsync(
        CliProgram program,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        string workingDirectory,
        TimeSpan timeout,
        CancellationToken cancellationToken)
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
        Task<string> read = ReadAsync(child.Output);
        await CloseAsync(child.Input).ConfigureAwait(false);
        try
        {
            ProcessExit exit = await child.Exited.WaitAsync(limit.Token).ConfigureAwait(false);

            // What it has left running would hold its output open.
            await child.KillAsync().ConfigureAwait(false);
            string output = await read.WaitAsync(limit.Token).ConfigureAwait(false);
            await drain.WaitAsync(limit.Token).ConfigureAwait(false);
            return new CliAnswer(exit, output, errors.Text);
        }
        catch (OperationCanceledException)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                throw new AmpCanceledException(cancellationToken);
            }

            throw new AmpTimeoutException(
                $"'{program.Path} {string.Join(' ', arguments)}' did not answer within {timeout.TotalSeconds:0.#} s.",
                AmpErrorId.Timeout,
                timeout,
                "Run the same command in a terminal to see what it waits for.")
            {
                StandardError = errors.Text,
            };
        }
    }

    private static async Task CloseAsync(Stream input)
    {
        try
        {
            await input.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It ended before it could have read anything.
        }
    }

    private static async Task<string> ReadAsync(Stream output)
    {
        using MemoryStream answer = new();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await output.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                if (answer.Length < LongestAnswer)
                {
                    answer.Write(buffer, 0, read);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The command was ended from here; what it wrote until then is the answer.
        }

        return Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length);
    }
}

/// <summary>What a command answered.</summary>
internal sealed record CliAnswer(ProcessExit Exit, string Output, string StandardError);
