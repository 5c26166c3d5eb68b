using Amp.Cli;
using Amp.Options;
using Amp.Services;

namespace Amp.Plans;

/// <summary>What a run needs beside the CLI's own account of itself: everything that can be checked without starting anything.</summary>
internal sealed class RunDraft
{
    private static readonly AmpPermission s_outputRule = new(OutputService.ToolName, PermissionAction.Allow);

    private RunDraft(RunInput input, AmpOptions options, IReadOnlyList<IRunService>? services)
    {
        OptionChecks.Check(options);
        RunBudgets.Refuse(options);
        options = WithOutputRule(WithFullPaths(options));
        Options = options;
        Input = options.OutputSchema is null && options.Verify is null ? input : input.WithTurns();

        // After the checks: services are made of options that hold what they say.
        Services = services ?? RunServices.Of(options);
        WorkingDirectory = OptionChecks.WorkingDirectory(options);
        Planned = RunComposition.Of(
            KindRules.ForCli(options, cli: null, WorkingDirectory), WorkingDirectory, RunServices.Planned(Services, cli: null), cli: null);

        // What is wrong with an option is said before a CLI is missed.
        _ = CliArguments.ForRun(options, Input, Planned.Files, Planned.Settings.PassAllowAll, cli: null);
        Program = new CliLocator(Planned.Environment, WorkingDirectory).Find(options.CliPath);
    }

    public AmpOptions Options { get; }

    public RunInput Input { get; }

    /// <summary>What is opened for the length of the run.</summary>
    public IReadOnlyList<IRunService> Services { get; }

    public string WorkingDirectory { get; }

    /// <summary>What the CLI will be given, with placeholders for what the services will say.</summary>
    public RunComposition Planned { get; }

    public CliProgram Program { get; }

    /// <exception cref="AmpException">Something that was given cannot be used, or no CLI was found.</exception>
    public static RunDraft Of(RunInput input, AmpOptions? options) => new(input, options ?? new AmpOptions(), services: null);

    /// <inheritdoc cref="Of(RunInput, AmpOptions?)"/>
    public static RunDraft Of(RunInput input, AmpOptions options, IReadOnlyList<IRunService> services) => new(input, options, services);

    /// <summary>The plan of the run on a CLI.</summary>
    /// <exception cref="AmpValidationException">The CLI lacks what was asked for.</exception>
    public RunPlan ToPlan(AmpCli? cli)
    {
        if (cli is not null)
        {
            if (Options.SystemPrompt is not null)
            {
                CliChoice.CheckSystemPrompt(cli);
            }

            if (Options.EnabledTools is not null)
            {
                CliChoice.CheckEnabledTools(cli);
            }

            if (Options.Skills is not null)
            {
                CliChoice.CheckSkills(cli);
            }

            if (RunBudgets.LimitsCost(Options) && !Options.AllowUnknownUsage)
            {
                CliChoice.CheckCost(cli);
            }
        }

        return new RunPlan(this, cli);
    }

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
