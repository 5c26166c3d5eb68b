using Amp.Cli;
using Amp.Mcp;
using Amp.Options;
using Amp.Permissions;
using Amp.Plans;
using Amp.Processes;
using Amp.Services;
using Amp.Text;
using Amp.Tools;

namespace Amp;

/// <summary>Everything that a run would start with, made without starting it. A plan can be run more than once.</summary>
public sealed class RunPlan
{
    private static readonly AmpPermission s_outputRule = new(OutputService.ToolName, PermissionAction.Allow);

    private readonly RunInput _givenInput;
    private readonly AmpOptions _given;
    private readonly RunServices _services;
    private readonly StandingSettings _standing;
    private readonly McpComposition _servers;
    private readonly List<string> _secrets = [];
    private IReadOnlyList<RunArgument> _arguments = [];
    private IReadOnlyList<string> _fileNames = [];

    // What needs no CLI: what is wrong with an option is said before a CLI is missed, and what can be read is read here, once.
    private RunPlan(RunInput input, AmpOptions options, RunServices? services)
    {
        OptionChecks.CheckRun(options);
        RunBudgets.Refuse(options);
        _given = WithOutputRule(WithFullPaths(options));
        _givenInput = input;
        Options = _given;
        Input = options.OutputSchema is null && options.Verify is null ? input : input.WithTurns();

        // After the checks: services are made of options that hold what they say.
        _services = services ?? RunServices.Of(_given);
        WorkingDirectory = OptionChecks.WorkingDirectory(options);
        Dictionary<string, string> environment = RunEnvironment.Build(options.Environment, options.NoColor);
        RunEnvironment.SetKey(environment, options.ApiKey, _secrets);
        if (_given.Toolbox is string toolbox)
        {
            environment["AMP_TOOLBOX"] = toolbox;
        }

        Environment = environment;
        _servers = McpConfiguration.Compose(options.McpServers, options.McpConfig);
        _secrets.AddRange(_servers.SecretValues);
        _ = _servers.With(_services.PlannedFor(cli: null).McpServers);
        _standing = StandingSettings.Read(_given, WorkingDirectory, environment);
        _standing.RefuseOverruled(
            KindRules.Of([.. (options.Permissions ?? []).Where(RunSettings.MayReject)], cli: null, WorkingDirectory).Select(made => made.Rule.Tool),
            _servers.Disabled,
            _services.Ask);
        Program = new CliLocator(environment, WorkingDirectory).Find(options.CliPath);
    }

    /// <summary>The CLI that would be started.</summary>
    public CliProgram Program { get; }

    /// <summary>The CLI; null for a preview of one that has never been asked what it can do.</summary>
    public AmpCli? Cli { get; private set; }

    /// <summary>
    /// The arguments, each as a whole, with <c>&lt;private NAME&gt;</c> for a file that is written only when the run starts. There is
    /// never a secret among them.
    /// </summary>
    public IReadOnlyList<string> Arguments => Complete(_arguments.Select(argument => argument.Shown(_fileNames)));

    /// <summary>The folder in which the agent would work.</summary>
    public string WorkingDirectory { get; }

    /// <summary>The user's settings file that the CLI would read, by itself or merged with what the call sets; it need not be there.</summary>
    public string? SettingsFile => Settings.UserFile;

    /// <summary>The settings that the call sets or adds to, by their keys; empty where the user's file is used as it is.</summary>
    public IReadOnlyList<string> SettingsKeys => Settings.Keys;

    /// <summary>The tools of this process that the agent would be offered, by the names under which the model knows them.</summary>
    public IReadOnlyList<string> ToolNames => [.. ToolName.Served(Options.ToolServerName, Options.Tools ?? []).Select(name => ToolName.Offered(Options.ToolServerName, name))];

    /// <summary>The JSON Schema that the answer would have to fit; null for none.</summary>
    public string? OutputSchema => Options.OutputSchema?.Json;

    /// <summary>The names of the variables that matter to the CLI or that the caller gave, in alphabetical order.</summary>
    public IReadOnlyList<string> VariableNames =>
    [
        .. Environment.Keys
            .Where(name => name.StartsWith("AMP_", StringComparison.Ordinal))
            .Union(RunEnvironment.NamesSet)
            .Union((Options.Environment ?? new Dictionary<string, string?>()).Keys)
            .Where(Environment.ContainsKey)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>What the caller should know before the run.</summary>
    internal IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Takes the secrets of the run, and what looks like one, out of a text that is to be shown or stored.</summary>
    public string Redact(string text) => Redactor(RunContribution.Nothing).Redact(text);

    /// <summary>The options, with the rules for the CLI.</summary>
    internal AmpOptions Options { get; private set; }

    internal RunInput Input { get; }

    internal IReadOnlyDictionary<string, string> Environment { get; }

    // Nobody has a plan before its CLI is set.
    internal RunSettings Settings { get; private set; } = null!;

    /// <summary>Whether the CLI may wait for ever for an answer about a file that it guards.</summary>
    internal bool AsksAboutFiles => CliChoice.WaitsAtGuardedFiles(Cli) && Settings.GuardsFiles;

    /// <summary>What is opened for the length of the run.</summary>
    internal IReadOnlyList<IRunService> Services { get; private set; } = [];

    /// <summary>Makes the plan of a run on the CLI that it finds, which is asked what it can do.</summary>
    /// <exception cref="AmpException">Something that was given cannot be used, no CLI was found, or it lacks what was asked for.</exception>
    internal static async Task<RunPlan> OfAsync(RunInput input, AmpOptions? options, CancellationToken cancellationToken)
    {
        RunPlan plan = new(input, options ?? new AmpOptions(), services: null);
        plan.SetCli(await CliProbe.AskAsync(plan.Program, plan.Environment, plan.WorkingDirectory, cancellationToken).ConfigureAwait(false));
        return plan;
    }

    /// <summary>Makes the plan of a run that is not going to be started: nothing is started to make it.</summary>
    /// <inheritdoc cref="OfAsync(RunInput, AmpOptions?, CancellationToken)"/>
    internal static RunPlan Preview(RunInput input, AmpOptions? options)
    {
        RunPlan plan = new(input, options ?? new AmpOptions(), services: null);
        plan.SetCli(CliProbe.Recall(plan.Program, plan.Environment));
        return plan;
    }

    /// <summary>Makes the plan of a run on a CLI that is known.</summary>
    /// <inheritdoc cref="OfAsync(RunInput, AmpOptions?, CancellationToken)"/>
    internal static RunPlan Of(RunInput input, AmpOptions options, AmpCli? cli, IEnumerable<IRunService>? services = null)
    {
        RunPlan plan = new(input, options, services is null ? null : new RunServices(services));
        plan.SetCli(cli);
        return plan;
    }

    /// <summary>The same plan with limits of use that hold for it and all its further tries together.</summary>
    internal RunPlan WithOwnBudget()
    {
        RunPlan plan = (RunPlan)MemberwiseClone();
        plan.Options = RunBudgets.OfRun(Options);
        return plan;
    }

    /// <summary>The plan of another try: the thread goes on, or, where there is none yet, the prompt is given again.</summary>
    /// <param name="threadId">The thread; null where there is none yet.</param>
    /// <param name="text">What the agent is told in its thread.</param>
    /// <param name="timeout">What is left of the time; null for what the options say.</param>
    internal RunPlan Again(string? threadId, string text, TimeSpan? timeout)
    {
        AmpOptions options = _given with { Timeout = timeout ?? _given.Timeout, OwnBudget = Options.OwnBudget };
        return threadId is null
            ? Of(_givenInput, options, Cli)
            : Of(
                RunInput.Of(text),
                options with
                {
                    ThreadId = threadId,
                    ContinueLatestThread = false,

                    // These speak of new threads only.
                    Visibility = null,
                    Title = null,
                    Executor = null,
                },
                Cli);
    }

    /// <summary>The files of the run.</summary>
    /// <param name="contribution">What its services say now that they are open.</param>
    internal IReadOnlyList<PrivateFile> Files(RunContribution contribution) =>
    [
        .. ((PrivateFile?[])
        [
            Settings.Content(contribution) is ReadOnlyMemory<byte> settings ? new PrivateFile(RunArgument.SettingsName, settings) : null,
            _servers.With(contribution.McpServers).Content is ReadOnlyMemory<byte> servers ? new PrivateFile(RunArgument.McpConfigName, servers) : null,
        ]).OfType<PrivateFile>(),
    ];

    /// <summary>Takes the secrets of the run out of text.</summary>
    /// <param name="contribution">What its services say now that they are open.</param>
    internal SecretRedactor Redactor(RunContribution contribution) =>
        new(Environment, [.. _secrets, .. McpComposition.Nothing.With(contribution.McpServers).SecretValues, .. contribution.SecretValues]);

    /// <summary>How the CLI is started.</summary>
    /// <param name="files">The files that were written for the run.</param>
    /// <param name="folder">The folder that they are in; null where there is none.</param>
    internal ProcessCommand ToCommand(IReadOnlyList<PrivateFile> files, string? folder) => new(
        Program.FileName,
        Complete(_arguments.Select(argument => argument.In(files, folder))),
        WorkingDirectory,
        Environment,
        Guid.NewGuid().ToString("N"));

    // What depends on the CLI, once it is known.
    private void SetCli(AmpCli? cli)
    {
        Cli = cli;
        CheckCli(cli);
        Services = _services.For(cli);
        Options = KindRules.ForCli(_given, cli, WorkingDirectory);
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
            .. ((string?[])
            [
                Settings.Warning, RemoteExecutor.Warning(Options), CliChoice.ModeWarning(Options.Mode, cli), CliChoice.QuestionWarning(Options, cli),
                CliChoice.CostWarning(RunBudgets.LimitsCost(Options), cli),
            ]).OfType<string>(),
            .. RuleWarnings.Of(_given, cli),
        ];
    }

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

    // Rules for what the agent may do to anything say nothing against its answer; what the user rejects stays rejected.
    private static AmpOptions WithOutputRule(AmpOptions options) => options.OutputSchema is null || (options.DangerouslyAllowAll && options.Permissions is null)
        ? options
        : options with { Permissions = [s_outputRule, .. (options.Permissions ?? []).Where(rule => !ReferenceEquals(rule, s_outputRule))] };

    // What was found from here must be found by the CLI too, which starts in another folder.
    private static AmpOptions WithFullPaths(AmpOptions options) => options with
    {
        SettingsFile = options.SettingsFile is string settings ? Path.GetFullPath(settings) : null,
        Skills = options.Skills is string skills ? Path.GetFullPath(skills) : null,
        Toolbox = options.Toolbox is string toolbox ? Path.GetFullPath(toolbox) : null,
        LogFile = options.LogFile is string log ? Path.GetFullPath(log) : null,
    };
}
