using System.Collections.Concurrent;
using System.Globalization;
using Amp.Text;

namespace Amp.Cli;

/// <summary>
/// Runs <c>--version</c> and <c>--help</c> of a CLI, once per file. The answers are kept for the life of the process, and in the user's
/// cache folder.
/// </summary>
internal static class CliProbe
{
    /// <summary>The variable for the number of seconds in which a CLI must report its version and its options. The default is 60.</summary>
    public const string LimitVariable = "AMP_PROBE_TIMEOUT_SEC";

    // A native CLI is a program of 100 MB. On a busy machine, it took more than 20 s to report its version.
    private const double DefaultLimitSeconds = 60;
    private const double LongestLimitSeconds = 24 * 60 * 60;

    private static readonly ConcurrentDictionary<CliFingerprint, AmpCli> s_known = new();

    /// <summary>Gets what is known about the CLI without starting it; null if it is unknown.</summary>
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

    /// <summary>Asks the CLI, unless it is already known.</summary>
    /// <exception cref="AmpCliNotFoundException">The file is not the Amp CLI, or cannot be started.</exception>
    /// <exception cref="AmpValidationException">The variable for the time limit is not a number of seconds. Nothing was
    /// started.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public static async Task<AmpCli> AskAsync(
        CliProgram program,
        IReadOnlyDictionary<string, string> environment,
        string workingDirectory,
        CancellationToken cancellationToken,
        TimeSpan? limit = null)
    {
        TimeSpan timeout = limit ?? LimitOf(environment);
        if (Recall(program, environment) is AmpCli known)
        {
            return known;
        }

        CliFingerprint fingerprint = CliFingerprint.Of(program, environment);
        using CancellationTokenSource bothNeeded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<CliAnswer> version = Ask("--version");
        Task<CliAnswer> help = Ask("--help");
        try
        {
            // Another program of this name can do anything when it is asked for help, so its version is checked first.
            CliAnswer versionAnswer = await version.ConfigureAwait(false);
            if (AmpCli.ReadVersion(versionAnswer.Output) is null)
            {
                throw AnotherProgram(program, versionAnswer, new SecretRedactor(environment, []));
            }

            CliAnswer helpAnswer = await help.ConfigureAwait(false);
            CliProbeAnswer answer = new(versionAnswer.Output, helpAnswer.Output);
            AmpCli cli = Interpret(program, answer)!;
            if (helpAnswer.Exit.IsSuccess && cli.Capabilities.Options.Count > 0)
            {
                Remember(program, fingerprint, answer, cli);
            }

            return cli;
        }
        catch (AmpTimeoutException exception)
        {
            throw new AmpCliNotFoundException(
                $"'{program.Path}' does not answer '--version' and '--help' as the Amp CLI does: {exception.Message}",
                $"Check that it is the Amp CLI, or give another path. If the machine is only busy, set {LimitVariable} to a larger number of seconds.",
                program.Path,
                exception);
        }
        catch (AmpCanceledException)
        {
            throw new AmpCanceledException(cancellationToken);
        }
        finally
        {
            // Neither is left running or unobserved if the other one fails.
            await bothNeeded.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(version, help).ContinueWith(
                task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
                .ConfigureAwait(false);
        }

        Task<CliAnswer> Ask(string option) =>
            CliCommand.RunAsync(program, [option], WithoutSecrets(environment), workingDirectory, timeout, bothNeeded.Token);
    }

    // Until the CLI has reported its version, it can be any program, so it gets no secrets.
    private static Dictionary<string, string> WithoutSecrets(IReadOnlyDictionary<string, string> environment) =>
        environment.Where(variable => !SecretRedactor.IsSecretName(variable.Key)).ToDictionary();

    /// <summary>Gets the time in which a CLI must report its version and its options.</summary>
    /// <exception cref="AmpValidationException">The variable is not a number of seconds.</exception>
    internal static TimeSpan LimitOf(IReadOnlyDictionary<string, string> environment)
    {
        if (environment.GetValueOrDefault(LimitVariable) is not { Length: > 0 } text)
        {
            return TimeSpan.FromSeconds(DefaultLimitSeconds);
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds is > 0 and <= LongestLimitSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new AmpValidationException(
                $"The variable {LimitVariable} is '{text}', which is not a number of seconds between 0 and {LongestLimitSeconds:0}.",
                LimitVariable,
                $"Set it to the number of seconds the CLI may take to report its version, or remove it to use {DefaultLimitSeconds:0} s.");
    }

    /// <summary>
    /// Returns whether the file identifies the CLI. A script of the user, or a version manager that uses the name of a link, can start
    /// another CLI tomorrow without any change to the file.
    /// </summary>
    public static bool IsWhole(CliProgram program, CliFingerprint fingerprint) => program.Form != CliForm.Script
        && Path.GetFileNameWithoutExtension(program.Target) == Path.GetFileNameWithoutExtension(fingerprint.Path);

    private static void Remember(CliProgram program, CliFingerprint fingerprint, CliProbeAnswer answer, AmpCli cli)
    {
        s_known[fingerprint] = cli;
        if (IsWhole(program, fingerprint))
        {
            CliProbeCache.Write(fingerprint, answer);
        }
    }

    private static AmpCliNotFoundException AnotherProgram(CliProgram program, CliAnswer answer, SecretRedactor redactor) => new(
        $"'{program.Path}' is not the Amp CLI: it answers '--version' with '{FirstLine(answer, redactor)}' ({answer.Exit}).",
        "Other programs are called 'amp' too. Give the path of the Amp CLI with AMP_CLI_PATH or CliOptions.CliPath.",
        program.Path);

    private static AmpCli? Interpret(CliProgram program, CliProbeAnswer answer) =>
        AmpCli.ReadVersion(answer.Version) is var (version, releaseDate)
            ? new AmpCli(program, version, releaseDate, CliCapabilities.Parse(answer.Help))
            : null;

    private static string FirstLine(CliAnswer answer, SecretRedactor redactor)
    {
        // Before it is cut, because half a secret would not be recognized.
        string text = redactor.Redact(TerminalText.Strip(answer.Output.Length > 0 ? answer.Output : answer.StandardError).Trim());
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        string line = end < 0 ? text : text[..end];
        return TruncatedText.Shown(line, 100);
    }
}
