using Amp.Cli;
using Amp.Mcp;
using Amp.Options;
using Amp.Settings;

namespace Amp.Execution;

/// <summary>What a run needs beside the CLI's own account of itself: everything that can be checked without starting anything.</summary>
internal sealed class RunDraft
{
    private RunDraft(RunInput input, AmpOptions options)
    {
        OptionChecks.Check(options);
        options = WithFullPaths(options);
        Options = options;
        Input = input;
        WorkingDirectory = OptionChecks.WorkingDirectory(options);
        Dictionary<string, string> environment = RunEnvironment.Build(options.Environment);
        List<string> secrets = AddOwnVariables(environment, options);
        Environment = environment;
        Settings = RunSettings.Of(options, WorkingDirectory, environment);
        ReadOnlyMemory<byte>? servers = McpConfiguration.Compose(options.McpServers, options.McpConfig, WorkingDirectory);
        Files = new RunFiles(
            Settings.Content is ReadOnlyMemory<byte> settings ? new PrivateFile("settings.json", settings) : null,
            servers is ReadOnlyMemory<byte> configuration ? new PrivateFile("mcp.json", configuration) : null);

        secrets.AddRange(servers is ReadOnlyMemory<byte> composed ? McpConfiguration.SecretValues(composed) : []);
        SecretValues = secrets;

        // What is wrong with an option is said before a CLI is missed.
        _ = CliArguments.ForRun(options, input, Files, Settings.PassAllowAll, cli: null);
        Program = new CliLocator(environment, WorkingDirectory).Find(options.CliPath);
    }

    public AmpOptions Options { get; }

    public RunInput Input { get; }

    public string WorkingDirectory { get; }

    public IReadOnlyDictionary<string, string> Environment { get; }

    public RunSettings Settings { get; }

    public RunFiles Files { get; }

    public CliProgram Program { get; }

    /// <summary>Secrets of the options, for the redactor.</summary>
    public IReadOnlyList<string> SecretValues { get; }

    /// <exception cref="AmpException">Something that was given cannot be used, or there is no CLI.</exception>
    public static RunDraft Of(RunInput input, AmpOptions? options) => new(input, options ?? new AmpOptions());

    /// <summary>The plan of the run on a CLI.</summary>
    /// <exception cref="AmpValidationException">The CLI lacks what was asked for.</exception>
    public AmpRunPlan ToPlan(AmpCli? cli)
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
        }

        return new AmpRunPlan(this, cli);
    }

    // What was found from here must be found by the CLI too, which starts in another folder.
    private static AmpOptions WithFullPaths(AmpOptions options) => options with
    {
        SettingsFile = options.SettingsFile is string settings ? Path.GetFullPath(settings) : null,
        Skills = options.Skills is string skills ? Path.GetFullPath(skills) : null,
        Toolbox = options.Toolbox is string toolbox ? Path.GetFullPath(toolbox) : null,
    };

    private static List<string> AddOwnVariables(Dictionary<string, string> environment, AmpOptions options)
    {
        List<string> secrets = [];
        if (options.ApiKey is not null)
        {
            string key = SecretText.Reveal(options.ApiKey);
            OptionChecks.RefuseNul(key, nameof(AmpOptions.ApiKey));
            environment["AMP_API_KEY"] = key;
            secrets.Add(key);
        }

        if (options.Toolbox is string toolbox)
        {
            environment["AMP_TOOLBOX"] = toolbox;
        }

        return secrets;
    }
}
