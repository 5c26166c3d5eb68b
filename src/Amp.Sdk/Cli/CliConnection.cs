using System.Collections.Concurrent;
using Amp.Options;
using Amp.Processes;
using Amp.Text;

namespace Amp.Cli;

/// <summary>
/// A CLI that management commands are run on: found, asked what it can do, with the variables that each command starts with. It holds
/// no process; each command is one of its own.
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

    /// <summary>Checks what was given, finds the CLI and asks it what it can do, unless that is known.</summary>
    /// <exception cref="AmpException">Something that was given cannot be used, or no CLI was found.</exception>
    public static async Task<CliConnection> OpenAsync(CliOptions? options, CancellationToken cancellationToken)
    {
        options ??= new CliOptions();
        AmpOptions checkedAlike = new()
        {
            CliPath = options.CliPath,
            WorkingDirectory = options.WorkingDirectory,
            SettingsFile = options.SettingsFile,
            Timeout = options.Timeout,
        };
        OptionChecks.Check(checkedAlike);
        string workingDirectory = OptionChecks.WorkingDirectory(checkedAlike);
        Dictionary<string, string> environment = RunEnvironment.Build(options.Environment);
        List<string> secrets = [];
        RunEnvironment.SetKey(environment, options.ApiKey, secrets);
        if (options.SettingsFile is string settings)
        {
            // By the variable and not as an argument: every command of every CLI takes it.
            environment["AMP_SETTINGS_FILE"] = Path.GetFullPath(settings);
        }

        CliProgram program = new CliLocator(environment, workingDirectory).Find(options.CliPath);
        AmpCli cli = await CliProbe.AskAsync(program, environment, workingDirectory, cancellationToken).ConfigureAwait(false);
        return new CliConnection(options, cli, workingDirectory, environment, secrets);
    }

    /// <summary>
    /// Refuses a command that the CLI's help does not list. It has to be asked first: a CLI that does not know a <c>threads</c> command
    /// lists the threads and exits with 0 (seen on all of early 2026).
    /// </summary>
    /// <exception cref="AmpValidationException">The CLI does not have it.</exception>
    public void Require(string command, string wayOut)
    {
        if (!Cli.Capabilities.HasCommand(command))
        {
            throw Unsupported($"has no command '{command}'", command, wayOut);
        }
    }

    /// <summary>Whether the CLI has a command that its help may not list, since some commands are hidden: then the command has a help of
    /// its own, and not that of the command above it.</summary>
    public async Task<bool> HasHiddenAsync(string command, CancellationToken cancellationToken) =>
        Cli.Capabilities.HasCommand(command)
        || (await HelpAsync(command, cancellationToken).ConfigureAwait(false)).Subject == "amp " + command;

    /// <summary>Refuses an option that the help of the command itself does not list.</summary>
    /// <exception cref="AmpValidationException">The CLI does not have it.</exception>
    public async Task RequireAsync(string command, string option, string wayOut, CancellationToken cancellationToken)
    {
        if (!(await HelpAsync(command, cancellationToken).ConfigureAwait(false)).HasOption(option))
        {
            throw Unsupported($"has no option '{option}' for '{command}'", option, wayOut);
        }
    }

    /// <summary>An error for what the CLI lacks, with its version.</summary>
    public AmpValidationException Unsupported(string lack, string optionName, string wayOut) =>
        CliChoice.Unsupported(Cli, lack, optionName, wayOut);

    /// <summary>What the command's own help lists, asked once for each file and kept beyond the process. The CLI's main help names commands but not their options.</summary>
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

    /// <summary>Runs a command and gives its answer, when it has succeeded.</summary>
    /// <param name="arguments">The command and what it is given. Never a secret: other users of the machine can read it.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    /// <param name="threadId">The thread it is about, which may be missing.</param>
    /// <param name="isAnswer">Which other exit codes are answers and no errors.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <exception cref="AmpTimeoutException">It took too long.</exception>
    /// <exception cref="AmpAuthenticationException">It wants a login, or the service does not accept the key.</exception>
    /// <exception cref="AmpProcessException">It failed.</exception>
    /// <exception cref="AmpCanceledException">The token was cancelled.</exception>
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

    /// <summary>An error for an answer that is not what this library knows: it shows the text, so that no row is ever dropped in silence.</summary>
    public AmpJsonException Unreadable(IReadOnlyList<string> arguments, string what, string text, Exception? innerException = null)
    {
        // Before it is cut off: half a secret would not be known for one.
        string safe = _redactor.Redact(TerminalText.Strip(text.Length <= LongestSearched ? text : text[..LongestSearched]));
        string shown = safe.Length <= LongestShown ? safe : safe[..LongestShown] + "…";
        return new AmpJsonException(
            $"The answer of '{CommandOf(arguments)}' (Amp CLI {Cli.Version}) {Shown(what)}: {shown}",
            shown,
            innerException,
            "Use another version of the CLI, and report this text.");
    }

    /// <summary>A text of the CLI as it may be shown: without secrets and control sequences.</summary>
    public string Shown(string text) => _redactor.Redact(TerminalText.Strip(text)).Trim();

    private string CommandOf(IReadOnlyList<string> arguments) =>
        _redactor.Redact(TerminalText.Strip(string.Join(' ', arguments.Prepend("amp"))));

    /// <summary>An error for a command that has failed, by what the CLI said of the cause.</summary>
    public AmpException Failure(IReadOnlyList<string> arguments, CliAnswer answer, string? threadId = null)
    {
        // Some commands complain on their standard output.
        string said = _redactor.Redact(answer.StandardError.Length > 0 ? answer.StandardError : TerminalText.Strip(answer.Output).Trim());
        string quoted = StandardErrorTail.Quoted(said);
        CliFault fault = CliFaultText.Find(said, beforeAnyOutput: true, namesThread: threadId is not null);
        if (fault == CliFault.None && said.Contains("fetch failed", StringComparison.OrdinalIgnoreCase))
        {
            fault = CliFault.ServiceUnreachable;
        }

        return fault switch
        {
            CliFault.ServiceUnreachable => Process(
                "The Amp CLI could not reach the Amp service." + quoted,
                AmpErrorId.ServiceUnreachable,
                "Check the network, the proxy settings, and AMP_URL if it is set."),
            CliFault.UnknownOption => Process(
                $"The Amp CLI does not know '{CommandOf(arguments)}'." + quoted,
                AmpErrorId.UnsupportedByCli,
                "Install another version of the CLI."),
            CliFault.ThreadNotFound => Process(
                $"Thread {threadId} does not exist." + quoted,
                AmpErrorId.ThreadNotFound,
                "Check the ID; a thread of another account or service cannot be reached."),
            CliFault.ThreadArchived => Process(
                $"Thread {threadId} is archived." + quoted, AmpErrorId.ThreadArchived, CliFaultText.ThreadArchivedAdvice),
            CliFault.CliOutdated => Process(
                "The Amp service no longer supports this version of the CLI." + quoted, AmpErrorId.CliOutdated, CliFaultText.CliOutdatedAdvice),
            CliFault.KeyRefused => new AmpAuthenticationException("The Amp service did not accept the API key." + quoted) { ThreadId = threadId },
            _ => Process(
                $"'{CommandOf(arguments)}' ended with {answer.Exit}." + quoted,
                answer.Exit.Signal is null ? AmpErrorId.CliFailed : AmpErrorId.CliTerminated,
                "Run the command in a terminal to see the cause."),
        };

        AmpProcessException Process(string message, string errorId, string advice) => new(message, errorId, advice)
        {
            ExitCode = answer.Exit.ExitCode,
            Signal = answer.Exit.Signal,
            StandardError = said,
            ThreadId = threadId,
        };
    }
}
