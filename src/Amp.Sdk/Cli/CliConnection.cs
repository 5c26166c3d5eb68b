using System.Collections.Concurrent;
using Amp.Options;
using Amp.Processes;
using Amp.Text;

namespace Amp.Cli;

/// <summary>
/// A CLI for management commands, with its features and the environment variables of each command. It holds no process; each command runs
/// in a new one.
/// </summary>
internal sealed class CliConnection
{
    private static readonly ConcurrentDictionary<(CliFingerprint File, string Command), CliCapabilities> s_helps = new();

    private const int LongestShown = 400;
    private const int LongestSearched = 64 * 1024;

    private readonly CliOptions _options;
    private readonly SecretRedactor _redactor;

    private CliConnection(CliOptions options, AmpCli cli, string workingDirectory, Dictionary<string, string> environment, IEnumerable<string> secrets)
    {
        _options = options;
        Cli = cli;
        WorkingDirectory = workingDirectory;
        Environment = environment;
        _redactor = new SecretRedactor(environment, secrets);
    }

    public AmpCli Cli { get; }

    public string WorkingDirectory { get; }

    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Checks the options, finds the CLI and gets its features, unless they are known.</summary>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    public static async Task<CliConnection> OpenAsync(CliOptions? options, CancellationToken cancellationToken)
    {
        options ??= new CliOptions();
        OptionChecks.Check(options);
        OtherMachine.Refuse(options);
        string workingDirectory = OptionChecks.WorkingDirectory(options);
        Dictionary<string, string> environment = RunEnvironment.Build(options.Environment);
        List<string> secrets = [];
        RunEnvironment.SetKey(environment, options.ApiKey, secrets);
        if (options.SettingsFile is string settings)
        {
            // As a variable and not as an argument, because every command of every CLI accepts it.
            environment["AMP_SETTINGS_FILE"] = Path.GetFullPath(settings);
        }

        CliProgram program = new CliLocator(environment, workingDirectory).Find(options.CliPath);
        AmpCli cli = await CliProbe.AskAsync(program, environment, workingDirectory, cancellationToken).ConfigureAwait(false);
        return new CliConnection(options, cli, workingDirectory, environment, secrets);
    }

    /// <summary>
    /// Refuses a command that is not in the CLI's help. This check is required because a CLI that does not support a <c>threads</c> command
    /// lists the threads and exits with 0 (seen on all CLIs of early 2026).
    /// </summary>
    /// <exception cref="AmpValidationException">The CLI does not support it.</exception>
    public void Require(string command, string wayOut)
    {
        if (!Cli.Capabilities.HasCommand(command))
        {
            throw Unsupported($"has no command '{command}'", command, wayOut);
        }
    }

    /// <summary>
    /// Returns whether the CLI has a command that may be hidden, and so not in its help: such a command has its own help, and not that of
    /// its parent command.
    /// </summary>
    public async Task<bool> HasHiddenAsync(string command, CancellationToken cancellationToken) =>
        Cli.Capabilities.HasCommand(command)
        || (await HelpAsync(command, cancellationToken).ConfigureAwait(false)).Subject == "amp " + command;

    /// <summary>Refuses an option that is not in the command's own help.</summary>
    /// <exception cref="AmpValidationException">The CLI does not support it.</exception>
    public async Task RequireAsync(string command, string option, string wayOut, CancellationToken cancellationToken)
    {
        if (!(await HelpAsync(command, cancellationToken).ConfigureAwait(false)).HasOption(option))
        {
            throw Unsupported($"has no option '{option}' for '{command}'", option, wayOut);
        }
    }

    /// <summary>Creates the error for a feature that the CLI does not support, with its version.</summary>
    public AmpValidationException Unsupported(string lack, string optionName, string wayOut) =>
        CliChoice.Unsupported(Cli, lack, optionName, wayOut);

    /// <summary>
    /// Gets the features in the command's own help, which is read once per file and cached across processes. The CLI's main help contains
    /// commands but not their options.
    /// </summary>
    public async Task<CliCapabilities> HelpAsync(string command, CancellationToken cancellationToken)
    {
        CliFingerprint file = CliFingerprint.Of(Cli.Program, Environment);
        if (s_helps.TryGetValue((file, command), out CliCapabilities? help))
        {
            return help;
        }

        bool isKept = CliProbe.IsWhole(Cli.Program, file);
        if (isKept && CliProbeCache.ReadHelp(file, command) is string kept)
        {
            return s_helps[(file, command)] = CliCapabilities.Parse(kept);
        }

        CliAnswer answer = await RunAsync([.. command.Split(' '), "--help"], cancellationToken).ConfigureAwait(false);
        help = CliCapabilities.Parse(answer.Output);
        if (isKept && help.Options.Count > 0)
        {
            CliProbeCache.WriteHelp(file, command, answer.Output);
        }

        return s_helps[(file, command)] = help;
    }

    /// <summary>Runs a command and returns its answer if it succeeded.</summary>
    /// <param name="arguments">The command and its arguments. They must not contain a secret, because other users of the machine can read
    /// them.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <param name="threadId">The thread of the command, which may not exist.</param>
    /// <param name="isAnswer">Determines which other exit codes are answers and not errors.</param>
    /// <param name="input">The standard input.</param>
    /// <exception cref="AmpTimeoutException">The command exceeded the time limit.</exception>
    /// <exception cref="AmpAuthenticationException">The CLI requires a login, or the service does not accept the key.</exception>
    /// <exception cref="AmpProcessException">The command failed.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public async Task<CliAnswer> RunAsync(
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        string? threadId = null,
        Func<int, bool>? isAnswer = null,
        string? input = null)
    {
        foreach (string argument in arguments)
        {
            OptionChecks.RefuseNul(argument, arguments[0]);
        }

        TimeSpan limit = _options.Timeout is { Ticks: > 0 } timeout ? timeout : Timeout.InfiniteTimeSpan;
        CliAnswer answer = await CliCommand.RunAsync(Cli.Program, arguments, Environment, WorkingDirectory, limit, cancellationToken, input)
            .ConfigureAwait(false);
        if (!answer.Exit.IsSuccess && !(answer.Exit.ExitCode is int code && isAnswer?.Invoke(code) == true))
        {
            throw Failure(arguments, answer, threadId);
        }

        return answer.IsTruncated ? throw Unreadable(arguments, "is too long to be kept", answer.Output) : answer;
    }

    /// <summary>Creates the error for an answer in an unknown format. It contains the text, so that no row is dropped silently.</summary>
    public AmpJsonException Unreadable(IReadOnlyList<string> arguments, string what, string text, Exception? innerException = null)
    {
        // Before it is cut, because half a secret would not be recognized.
        string safe = _redactor.Redact(TerminalText.Strip(TruncatedText.Start(text, LongestSearched)));
        string shown = TruncatedText.Shown(safe, LongestShown);
        return new AmpJsonException(
            $"The answer of '{CommandOf(arguments)}' (Amp CLI {Cli.Version}) {Shown(what)}: {shown}",
            shown,
            innerException,
            "Use another version of the CLI, and report this text.");
    }

    /// <summary>Gets a text of the CLI without secrets and control sequences.</summary>
    public string Shown(string text) => _redactor.Redact(TerminalText.Strip(text)).Trim();

    private string CommandOf(IReadOnlyList<string> arguments) =>
        _redactor.Redact(TerminalText.Strip(string.Join(' ', arguments.Prepend("amp"))));

    /// <summary>Creates the error for a failed command from the CLI's message.</summary>
    public AmpException Failure(IReadOnlyList<string> arguments, CliAnswer answer, string? threadId = null)
    {
        // Some commands report errors on standard output.
        string said = _redactor.Redact(answer.StandardError.Length > 0 ? answer.StandardError : TerminalText.Strip(answer.Output).Trim());

        // An answer of many megabytes is no error message, and would be searched for hours.
        CliFailure failure = new(answer.Exit, TruncatedText.Start(said, LongestSearched))
        {
            Command = CommandOf(arguments),
            NamesThread = threadId is not null,
            ThreadId = threadId,
        };
        return failure.Known()
            ?? failure.Quoting($"'{failure.Command}' ended with {answer.Exit}.", failure.ExitErrorId, "Run the command in a terminal to see the cause.");
    }
}
