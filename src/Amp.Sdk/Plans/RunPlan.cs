using Amp.Cli;
using Amp.Options;
using Amp.Permissions;
using Amp.Plans;
using Amp.Processes;
using Amp.Services;
using Amp.Text;
using Amp.Tools;

namespace Amp;

/// <summary>Everything that a run would start with, made without starting it.</summary>
public sealed class RunPlan
{
    private readonly IReadOnlyList<RunArgument> _arguments;
    private readonly RunDraft _draft;
    private readonly RunComposition _composition;

    internal RunPlan(RunDraft draft, AmpCli? cli)
        : this(draft, cli, KindRules.ForCli(draft.Options, cli, draft.WorkingDirectory), contribution: null)
    {
    }

    private RunPlan(RunDraft draft, AmpCli? cli, AmpOptions options, RunContribution? contribution)
    {
        _draft = draft;
        _composition = contribution is null && ReferenceEquals(options, draft.Options) && !CliChoice.LeavesRulesOff(cli)
            ? draft.Planned
            : RunComposition.Of(
                options, draft.WorkingDirectory, contribution ?? RunServices.Planned(draft.Services, cli), cli);
        Options = options;
        Input = draft.Input;
        Program = draft.Program;
        WorkingDirectory = draft.WorkingDirectory;
        Cli = cli;
        _arguments = CliArguments.ForRun(options, draft.Input, _composition.Files, _composition.Settings.PassAllowAll, cli);
    }

    /// <summary>The program that would be started.</summary>
    public CliProgram Program { get; }

    /// <summary>The CLI; null for a preview of one that has never been asked what it can do.</summary>
    public AmpCli? Cli { get; }

    /// <summary>
    /// The arguments, each as a whole, with <c>&lt;private NAME&gt;</c> for a file that is written only when the run starts. There is
    /// never a secret among them.
    /// </summary>
    public IReadOnlyList<string> Arguments => Complete([.. _arguments.Select(argument => argument.ToString())]);

    /// <summary>The folder in which the agent would work.</summary>
    public string WorkingDirectory { get; }

    /// <summary>The user's settings file that the CLI would read, by itself or merged with what the call sets; it need not be there.</summary>
    public string? SettingsFile => _composition.Settings.UserFile;

    /// <summary>The settings that the call sets or adds to, by their keys; empty where the user's file is used as it is.</summary>
    public IReadOnlyList<string> SettingsKeys => _composition.Settings.Keys;

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
    internal IEnumerable<string> Warnings => ((string?[])[_composition.Settings.Warning, RemoteExecutor.Warning(Options), CliChoice.ModeWarning(Options.Mode, Cli), CliChoice.QuestionWarning(Options, Cli), CliChoice.CostWarning(RunBudgets.LimitsCost(Options), Cli)])
        .OfType<string>()
        .Concat(RuleWarnings.Of(_draft.Options, Cli))
        .Concat(_composition.Warnings);

    /// <summary>Takes the secrets of the run, and what looks like one, out of a text that is to be shown or stored.</summary>
    public string Redact(string text) => new SecretRedactor(Environment, SecretValues).Redact(text);

    internal AmpOptions Options { get; }

    internal RunInput Input { get; }

    internal IReadOnlyDictionary<string, string> Environment => _composition.Environment;

    internal IReadOnlyList<string> SecretValues => _composition.SecretValues;

    /// <summary>The tools of a toolbox that a service offers in the CLI's place, once it is open.</summary>
    internal ToolboxNames Toolbox => _composition.Toolbox;

    internal RunSettings Settings => _composition.Settings;

    internal RejectMessages RejectMessages => _composition.Settings.RejectMessages;

    /// <summary>Whether the CLI may wait for ever for an answer about a file that it guards.</summary>
    internal bool AsksAboutFiles => CliChoice.WaitsAtGuardedFiles(Cli) && _composition.Settings.GuardsFiles;

    internal IReadOnlyList<PrivateFile> Files => _composition.Files.All;

    /// <summary>What is opened for the length of the run.</summary>
    internal IReadOnlyList<IRunService> Services => RunServices.For(_draft.Services, Cli);

    /// <summary>The same plan with what its services say now that they are open.</summary>
    internal RunPlan With(RunContribution contribution) =>
        new(_draft, Cli, Options, contribution);

    /// <summary>The same plan with limits of use that hold for it and all its further tries together.</summary>
    internal RunPlan WithOwnBudget() => RunBudgets.OfRun(Options) is { OwnBudget: not null } options ? new(_draft, Cli, options, contribution: null) : this;

    /// <summary>The plan of another try: the thread goes on, or, where there is none yet, the prompt is given again.</summary>
    internal RunPlan Again(string? threadId, string text, TimeSpan? timeout)
    {
        AmpOptions options = _draft.Options with { Timeout = timeout ?? _draft.Options.Timeout, OwnBudget = Options.OwnBudget };
        return threadId is null
            ? RunDraft.Of(_draft.Input, options).ToPlan(Cli)
            : RunDraft.Of(RunInput.Of(text), options with
            {
                ThreadId = threadId,
                ContinueLatestThread = false,

                // These speak of new threads only.
                Visibility = null,
                Title = null,
                Executor = null,
            }).ToPlan(Cli);
    }

    internal ProcessCommand ToCommand(string? privateFolder) => new(
        Program.FileName,
        Complete([.. _arguments.Select(argument => argument.In(privateFolder))]),
        WorkingDirectory,
        Environment,
        Guid.NewGuid().ToString("N"));

    private IReadOnlyList<string> Complete(IReadOnlyList<string> arguments) =>
        Program.Script is null ? arguments : [Program.Script, .. arguments];
}
