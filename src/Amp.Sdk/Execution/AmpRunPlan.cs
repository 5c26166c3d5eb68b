using Amp.Cli;
using Amp.Execution;
using Amp.Options;
using Amp.Processes;

namespace Amp;

/// <summary>Everything that a run would start with, made without starting it.</summary>
public sealed class AmpRunPlan
{
    internal AmpRunPlan(
        AmpOptions options,
        CliProgram program,
        AmpCli? cli,
        RunInput input,
        string workingDirectory,
        IReadOnlyDictionary<string, string> environment)
    {
        IReadOnlyList<string> arguments = CliArguments.ForRun(options, input, cli);
        Options = options;
        Program = program;
        Cli = cli;
        Arguments = program.Script is null ? arguments : [program.Script, .. arguments];
        Input = input;
        WorkingDirectory = workingDirectory;
        Environment = environment;
    }

    /// <summary>The program that would be started.</summary>
    public CliProgram Program { get; }

    /// <summary>The CLI; null for a preview of one that has never been asked what it can do.</summary>
    public AmpCli? Cli { get; }

    /// <summary>The arguments, each as a whole. There is never a secret among them.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>The folder in which the agent would work.</summary>
    public string WorkingDirectory { get; }

    /// <summary>The user's settings file that the CLI would read.</summary>
    public string? SettingsFile => Environment.GetValueOrDefault("AMP_SETTINGS_FILE") is { Length: > 0 } given
        ? given
        : Environment.GetValueOrDefault(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME") is { Length: > 0 } home
            ? Path.Combine(home, ".config", "amp", "settings.json")
            : null;

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

    internal AmpOptions Options { get; }

    internal RunInput Input { get; }

    internal IReadOnlyDictionary<string, string> Environment { get; }

    internal ProcessCommand ToCommand() =>
        new(Program.FileName, Arguments, WorkingDirectory, Environment, Guid.NewGuid().ToString("N"));
}
