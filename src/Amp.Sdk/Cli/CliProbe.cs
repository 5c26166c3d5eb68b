using System.Collections.Concurrent;

namespace Amp.Cli;

/// <summary>
/// Asks a CLI what it is (<c>--version</c>) and what it can do (<c>--help</c>), once per file: the answers are kept for the
/// life of the process and, in the user's cache folder, beyond it.
/// </summary>
internal static class CliProbe
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private static readonly ConcurrentDictionary<CliFingerprint, AmpCli> s_known = new();

    /// <summary>What is known of the CLI without starting it; null where that is nothing.</summary>
    public static AmpCli? Recall(CliProgram program, IReadOnlyDictionary<string, string> environment)
    {
        CliFingerprint fingerprint = CliFingerprint.Of(program, environment);
        if (s_known.TryGetValue(fingerprint, out AmpCli? known))
        {
            return known.Program == program ? known : new AmpCli(program, known.Version, known.ReleaseDate, known.Capabilities);
        }

        if (CliProbeCache.Read(fingerprint) is not CliProbeAnswer answer || Interpret(program, answer) is not AmpCli cli)
        {
            return null;
        }

        s_known[fingerprint] = cli;
        return cli;
    }

    /// <summary>Asks the CLI, where it is not known yet.</summary>
    /// <exception cref="CliNotFoundException">It is not the Amp CLI, or cannot be started.</exception>
    public static async Task<AmpCli> AskAsync(
        CliProgram program,
        IReadOnlyDictionary<string, string> environment,
        string workingDirectory,
        CancellationToken cancellationToken)
    {
        if (Recall(program, environment) is AmpCli known)
        {
            return known;
        }

        CliFingerprint fingerprint = CliFingerprint.Of(program, environment);
        Task<CliAnswer> version = Ask("--version");
        Task<CliAnswer> help = Ask("--help");
        CliAnswer versionAnswer;
        CliAnswer helpAnswer;
        try
        {
            versionAnswer = await version.ConfigureAwait(false);
            helpAnswer = await help.ConfigureAwait(false);
        }
        catch (AmpTimeoutException exception)
        {
            throw new CliNotFoundException(
                $"'{program.Path}' does not answer '--version' and '--help' as the Amp CLI does: {exception.Message}",
                "Check that it is the Amp CLI, or give another path.",
                program.Path,
                exception);
        }
        finally
        {
            // Neither is left running or unobserved when the other fails.
            await Task.WhenAll(version, help).ContinueWith(
                task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
                .ConfigureAwait(false);
        }

        CliProbeAnswer answer = new(versionAnswer.Output, helpAnswer.Output);
        AmpCli cli = Interpret(program, answer) ?? throw new CliNotFoundException(
            $"'{program.Path}' is not the Amp CLI: it answers '--version' with '{FirstLine(versionAnswer)}' ({versionAnswer.Exit}).",
            "Other programs are called 'amp' too. Give the path of the Amp CLI by AMP_CLI_PATH or CliPath.",
            program.Path);
        s_known[fingerprint] = cli;

        // A script of the user's may start another CLI tomorrow without being changed itself.
        if (program.Form != CliForm.Script)
        {
            CliProbeCache.Write(fingerprint, answer);
        }

        return cli;

        Task<CliAnswer> Ask(string option) =>
            CliCommand.RunAsync(program, [option], environment, workingDirectory, s_limit, cancellationToken);
    }

    private static AmpCli? Interpret(CliProgram program, CliProbeAnswer answer) =>
        AmpCli.ReadVersion(answer.Version) is var (version, releaseDate)
            ? new AmpCli(program, version, releaseDate, CliCapabilities.Parse(answer.Help))
            : null;

    private static string FirstLine(CliAnswer answer)
    {
        string text = TerminalText.Strip(answer.Output.Length > 0 ? answer.Output : answer.StandardError).Trim();
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        string line = end < 0 ? text : text[..end];
        return line.Length <= 100 ? line : line[..100] + "…";
    }
}
