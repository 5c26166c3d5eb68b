using Amp.Cli;
using Amp.Mcp;
using Amp.Options;
using Amp.Permissions;
using Amp.Plans;
using Amp.Processes;
using Amp.Records;
using Amp.Services;
using Amp.Text;
using Amp.Tools;
using Amp.Transports;

namespace Amp;

/// <summary>The complete description of the start of a run, created without starting it. A plan can be run more than once.</summary>
public sealed class RunPlan
{
    private static readonly AmpPermission s_outputRule = new(OutputService.ToolName, PermissionAction.Allow);

    private readonly RunInput _givenInput;
    private readonly AmpOptions _given;
    private readonly RunServices _services;
    private StandingSettings _standing;
    private readonly McpComposition _servers;
    private readonly CliLookup _lookup;
    private readonly List<string> _secrets = [];
    private string? _home;
    private IReadOnlyList<RunArgument> _arguments = [];
    private IReadOnlyList<string> _fileNames = [];

    // The parts that require no CLI: an invalid option is reported before a missing CLI, and everything that can be read is read here,
    // once.
    private RunPlan(RunInput input, AmpOptions options, RunServices? services)
    {
        OptionChecks.CheckRun(options);
        RunBudgets.Refuse(options);
        Asked = options;
        _given = WithOutputRule(WithFullPaths(options));
        input = options.Images is { Count: > 0 } images ? input.WithImages(images) : input;
        _givenInput = input;
        AskedPrompt = input.Text;
        Options = _given;
        Input = options.OutputSchema is null && options.Verify is null ? input : input.WithTurns();

        // After the checks, because services are created from valid options.
        _services = services ?? RunServices.Of(_given);
        Transport = options.Transport ?? LocalTransport.Shared;
        string? folder = Transport.IsLocal ? OptionChecks.WorkingDirectory(options) : OtherMachine.WorkingDirectory(options);
        WorkingDirectory = folder ?? "~";
        (Dictionary<string, string> environment, IReadOnlyCollection<string> removed) = Transport.IsLocal
            ? (RunEnvironment.Build(options.Environment, options.NoColor, _services.Listen), [])
            : RunEnvironment.BuildElsewhere(options.Environment, options.NoColor);
        RunEnvironment.SetKey(environment, options.ApiKey, _secrets);
        if (_given.Toolbox is string toolbox && Transport.IsLocal)
        {
            environment["AMP_TOOLBOX"] = toolbox;
        }

        Environment = environment;
        _servers = McpConfiguration.Compose(options.McpServers, options.McpConfig);
        _secrets.AddRange(_servers.SecretValues);
        _ = _servers.With(_services.PlannedFor(cli: null).McpServers);
        TranscriptFile.Check(_given.TranscriptPath);
        _standing = ReadsSettings ? StandingSettings.Read(_given, WorkingDirectory, environment) : StandingSettings.Unknown;
        RefuseOverruled();
        _lookup = new CliLookup(options.CliPath, folder, environment, removed, _services.Ask);
        Program = Transport.Find(_lookup);
    }

    /// <summary>The CLI that would be started.</summary>
    public CliProgram Program { get; private set; }

    /// <summary>
    /// The CLI; null for a preview with a CLI whose features are unknown, and for a CLI on another machine, which is queried when the run starts.
    /// </summary>
    public AmpCli? Cli { get; private set; }

    /// <summary>
    /// The arguments, with <c>&lt;private NAME&gt;</c> for a file that is written only when the run starts. They never contain a secret.
    /// </summary>
    public IReadOnlyList<string> Arguments => Complete(_arguments.Select(argument => argument.Shown(_fileNames)));

    /// <summary>The folder in which the agent works; <c>~</c> for the home folder of another machine.</summary>
    public string WorkingDirectory { get; private set; }

    /// <summary>The way to the CLI.</summary>
    internal AmpTransport Transport { get; }

    /// <summary>The options as the caller gave them, with full paths and the rule for the structured answer.</summary>
    internal AmpOptions Given => _given;

    /// <summary>The options as the caller gave them, also in the plan of a retry.</summary>
    internal AmpOptions Asked { get; private set; }

    /// <summary>Whether this is the plan of a retry.</summary>
    internal bool IsRetry { get; private set; }

    /// <summary>Whether this is the plan of a session, which has the messages.</summary>
    internal bool IsOfSession { get; set; }

    /// <summary>What the caller said, also in the plan of a retry; null for a conversation.</summary>
    internal string? AskedPrompt { get; private set; }

    private bool ReadsSettings => Transport is { IsLocal: true, IsReplay: false };

    /// <summary>The user's settings file that the CLI reads, directly or merged with the settings of the call. It may not exist.</summary>
    public string? SettingsFile => Settings.UserFile;

    /// <summary>The keys of the settings that the call sets or extends; empty if the user's file is used unchanged.</summary>
    public IReadOnlyList<string> SettingsKeys => Settings.Keys;

    /// <summary>The tools of this process that are offered to the agent, by the names that the model sees.</summary>
    public IReadOnlyList<string> ToolNames => [.. ToolName.Served(Options.ToolServerName, Options.Tools ?? []).Select(name => ToolName.Offered(Options.ToolServerName, name))];

    /// <summary>The prompt; null for a conversation.</summary>
    internal string? Prompt => _givenInput.Text;

    /// <summary>The JSON Schema of the answer; null for none.</summary>
    internal string? OutputSchema => Options.OutputSchema?.Json;

    /// <summary>The names of the variables that affect the CLI or that the caller set, in alphabetical order.</summary>
    public IReadOnlyList<string> VariableNames =>
    [
        .. Environment.Keys
            .Where(name => name.StartsWith("AMP_", StringComparison.Ordinal))
            .Union(RunEnvironment.NamesSet(Environment))
            .Union((Options.Environment ?? new Dictionary<string, string?>()).Keys)
            .Where(Environment.ContainsKey)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Warnings for the caller before the run.</summary>
    internal IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Removes the secrets of the run, and patterns of secrets, from a text that is shown or stored.</summary>
    /// <param name="text">The text, such as the prompt or an answer.</param>
    /// <returns>The text with three asterisks for each secret.</returns>
    public string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Redactor(RunContribution.Nothing).Redact(text);
    }

    /// <summary>The options, with the rules translated for the CLI.</summary>
    internal AmpOptions Options { get; private set; }

    internal RunInput Input { get; }

    internal IReadOnlyDictionary<string, string> Environment { get; }

    // A plan is not visible before its CLI is set.
    internal RunSettings Settings { get; private set; } = null!;

    /// <summary>Whether the CLI may wait forever for an answer about a guarded file.</summary>
    internal bool AsksAboutFiles => CliChoice.WaitsAtGuardedFiles(Cli) && Settings.GuardsFiles;

    /// <summary>The services that are opened for the run.</summary>
    internal IReadOnlyList<IRunService> Services { get; private set; } = [];

    /// <summary>Creates the plan of a run on the CLI that is found, which is asked for its features.</summary>
    /// <exception cref="AmpException">An option cannot be used, no CLI was found, or it does not support an option.</exception>
    internal static async Task<RunPlan> OfAsync(RunInput input, AmpOptions? options, CancellationToken cancellationToken)
    {
        RunPlan plan = new(input, options ?? new AmpOptions(), services: null);
        plan.SetCli(await plan.Transport.AskAsync(plan.Program, plan._lookup, cancellationToken).ConfigureAwait(false));
        return plan;
    }

    /// <summary>
    /// The plan with the settings as they are now. Between a plan and its run there may be a confirmation or a wait, in which the agent of another
    /// run can change the settings of the workspace.
    /// </summary>
    /// <param name="isOld">Whether the plan is certainly not new, so that the settings are read again in any case.</param>
    /// <exception cref="AmpValidationException">The settings lift a rule of the run, or cannot be evaluated.</exception>
    internal RunPlan Current(bool isOld)
    {
        if (!ReadsSettings || (!isOld && !_standing.HaveChanged(WorkingDirectory)))
        {
            return this;
        }

        RunPlan plan = (RunPlan)MemberwiseClone();
        plan._standing = StandingSettings.Read(_given, WorkingDirectory, Environment);
        plan.RefuseOverruled();
        plan.SetCli(Cli);
        plan.Options = plan.Options with { OwnBudget = Options.OwnBudget };
        return plan;
    }

    /// <summary>Opens the connection of a run of this plan.</summary>
    /// <exception cref="AmpException">There is no connection, or no CLI.</exception>
    internal Task<RunConnection> ConnectAsync(CancellationToken cancellationToken) => Transport.ConnectAsync(Program, _lookup, cancellationToken);

    /// <summary>The plan with what a connection to another machine has found there.</summary>
    /// <exception cref="AmpException">The CLI lacks a requested feature, or the settings there lift a rule of the run.</exception>
    internal RunPlan On(RunConnection connection)
    {
        if (connection.Found is not HostFacts found)
        {
            return this;
        }

        RunPlan plan = (RunPlan)MemberwiseClone();
        plan.Program = found.Cli.Program;
        plan.WorkingDirectory = found.WorkingDirectory;
        plan._home = found.Home;
        plan._standing = StandingSettings.Of(found);
        plan.RefuseOverruled();
        plan.SetCli(found.Cli);
        plan.Options = plan.Options with { OwnBudget = Options.OwnBudget };
        return plan;
    }

    /// <summary>
    /// Completes a preview: the CLI is asked for its features unless they are known. What was read for the preview is used. What puts the rules in force depends
    /// on the build, so a run requires it.
    /// </summary>
    /// <exception cref="AmpException">No CLI was found, or it lacks a requested feature.</exception>
    internal async Task<RunPlan> CompleteAsync(CancellationToken cancellationToken)
    {
        AmpCli? cli = await Transport.AskAsync(Program, _lookup, cancellationToken).ConfigureAwait(false);
        if (ReferenceEquals(cli, Cli))
        {
            return this;
        }

        RunPlan plan = (RunPlan)MemberwiseClone();
        plan.SetCli(cli);
        plan.Options = plan.Options with { OwnBudget = Options.OwnBudget };
        return plan;
    }

    /// <summary>Creates the plan of a run that will not be started, without starting anything.</summary>
    /// <inheritdoc cref="OfAsync(RunInput, AmpOptions?, CancellationToken)"/>
    internal static RunPlan Preview(RunInput input, AmpOptions? options)
    {
        RunPlan plan = new(input, options ?? new AmpOptions(), services: null);
        plan.SetCli(plan.Transport.Recall(plan.Program, plan._lookup));
        return plan;
    }

    /// <summary>Creates the plan of a run on a known CLI.</summary>
    /// <inheritdoc cref="OfAsync(RunInput, AmpOptions?, CancellationToken)"/>
    internal static RunPlan Of(RunInput input, AmpOptions options, AmpCli? cli, IEnumerable<IRunService>? services = null)
    {
        RunPlan plan = new(input, options, services is null ? null : new RunServices(services));
        plan.SetCli(cli);
        return plan;
    }

    /// <summary>Gets the same plan with limits of use that apply to it and all its retries together.</summary>
    internal RunPlan WithOwnBudget()
    {
        RunPlan plan = (RunPlan)MemberwiseClone();
        plan.Options = RunBudgets.OfRun(Options);
        return plan;
    }

    /// <summary>Gets the plan of a retry: it continues the thread or, if there is none yet, gives the prompt again.</summary>
    /// <param name="threadId">The thread; null if there is none yet.</param>
    /// <param name="text">The message to the agent in its thread.</param>
    /// <param name="timeout">The remaining time; null for the time limit of the options.</param>
    internal RunPlan Again(string? threadId, string text, TimeSpan? timeout)
    {
        AmpOptions options = _given with { Timeout = timeout ?? _given.Timeout, OwnBudget = Options.OwnBudget };
        RunPlan plan = threadId is null
            ? Of(_givenInput, options with { Images = null }, Cli)
            : Of(
                RunInput.Of(text),
                options with
                {
                    ThreadId = threadId,
                    ContinueLatestThread = false,

                    // The thread has them already.
                    Images = null,

                    // These options apply only to new threads.
                    Visibility = null,
                    Title = null,
                    Executor = null,
                },
                Cli);
        (plan.IsRetry, plan.Asked, plan.AskedPrompt) = (true, Asked, AskedPrompt);
        return plan;
    }

    /// <summary>The files of the run.</summary>
    /// <param name="contribution">The contributions of its open services.</param>
    internal IReadOnlyList<PrivateFile> Files(RunContribution contribution) =>
    [
        .. ((PrivateFile?[])
        [
            Settings.Content(contribution) is ReadOnlyMemory<byte> settings ? new PrivateFile(RunArgument.SettingsName, settings) : null,
            _servers.With(contribution.McpServers).Content is ReadOnlyMemory<byte> servers ? new PrivateFile(RunArgument.McpConfigName, servers) : null,
        ]).OfType<PrivateFile>(),
    ];

    /// <summary>Keeps the secrets that the run is given, for messages of it that were stored and are shown later.</summary>
    internal void NoteSecrets() => KnownSecrets.OfProcess.Note(Environment, _secrets);

    /// <summary>Removes the secrets of the run from text.</summary>
    /// <param name="contribution">The contributions of its open services.</param>
    internal SecretRedactor Redactor(RunContribution contribution) =>
        new(Environment, [.. _secrets, .. McpComposition.Nothing.With(contribution.McpServers).SecretValues, .. contribution.SecretValues]);

    /// <summary>How to start the CLI.</summary>
    /// <param name="files">The full paths of the files that were written for the run, by name.</param>
    internal ProcessCommand ToCommand(IReadOnlyDictionary<string, string> files) => new(
        Program.FileName,
        Complete(_arguments.Select(argument => argument.In(files))),
        WorkingDirectory,
        TraceContext.AddTo(Environment, Options.Environment),
        Guid.NewGuid().ToString("N"))
    {
        Removed = _lookup.Removed,
    };

    // The parts that depend on the CLI, once it is known.
    private void SetCli(AmpCli? cli)
    {
        Cli = cli;
        CheckCli(cli);
        Services = _services.For(cli);
        Options = KindRules.ForCli(_given, cli, WorkingDirectory, _home);
        RunContribution planned = _services.PlannedFor(cli);
        Settings = new RunSettings(Options, _standing, _servers.Disabled, WorkingDirectory, planned, cli);
        _arguments = CliArguments.ForRun(Options, Input, Settings.PassAllowAll, cli);
        _fileNames =
        [
            .. Settings.Keys.Count > 0 ? (string[])[RunArgument.SettingsName] : [],
            .. _servers.With(planned.McpServers).Content is not null ? (string[])[RunArgument.McpConfigName] : [],
        ];
        Warnings =
        [
            .. Settings.Warnings,
            .. ((string?[])
            [
                RemoteExecutor.Warning(Options), CliChoice.ModeWarning(Options.Mode, cli), CliChoice.QuestionWarning(Options, cli),
                CliChoice.CostWarning(RunBudgets.LimitsCost(Options), cli),
            ]).OfType<string>(),
            .. RuleWarnings.Of(_given, cli),
        ];
    }

    private void RefuseOverruled() => _standing.RefuseOverruled(
        KindRules.Of([.. (_given.Permissions ?? []).Where(RunSettings.MayReject)], cli: null, WorkingDirectory, _home).Select(made => made.Rule.Tool),
        _servers.Disabled,
        _services.Ask,
        _given.EnabledTools);

    private void CheckCli(AmpCli? cli)
    {
        if (cli is null)
        {
            return;
        }

        if (_given.SystemPrompt is not null)
        {
            CliChoice.CheckSystemPrompt(cli);
        }

        if (_given.EnabledTools is not null)
        {
            CliChoice.CheckEnabledTools(cli);
        }

        if (_given.Skills is not null)
        {
            CliChoice.CheckSkills(cli);
        }

        if (RunBudgets.LimitsCost(_given) && !_given.AllowUnknownUsage)
        {
            CliChoice.CheckCost(cli);
        }
    }

    private IReadOnlyList<string> Complete(IEnumerable<string?> arguments) =>
        [.. Program.Script is null ? [] : (string[])[Program.Script], .. arguments.OfType<string>()];

    // Rules for everything that the agent does must not prevent its answer. The user's rejects still apply.
    private static AmpOptions WithOutputRule(AmpOptions options) => options.OutputSchema is null || (options.DangerouslyAllowAll && options.Permissions is null)
        ? options
        : options with { Permissions = [s_outputRule, .. (options.Permissions ?? []).Where(rule => !ReferenceEquals(rule, s_outputRule))] };

    // A path that was resolved here must be valid for the CLI too, which starts in another folder, and for a retry.
    private static AmpOptions WithFullPaths(AmpOptions options) => options with
    {
        SettingsFile = options.SettingsFile is string settings ? Path.GetFullPath(settings) : null,
        Skills = options.Skills is string skills ? Path.GetFullPath(skills) : null,
        Toolbox = options.Toolbox is string toolbox ? Path.GetFullPath(toolbox) : null,
        LogFile = options.LogFile is string log ? Path.GetFullPath(log) : null,
        TranscriptPath = options.TranscriptPath is string transcript ? Path.GetFullPath(transcript) : null,
        VerifyPaths = options.VerifyPaths?.Select(path => Path.GetFullPath(path)).ToArray(),
    };
}
