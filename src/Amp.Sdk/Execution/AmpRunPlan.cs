using Amp.Cli;
using Amp.Execution;
using Amp.Options;
using Amp.Processes;
using Amp.Settings;

namespace Amp;

/// <summary>Everything that a run would start with, made without starting it.</summary>
public sealed class AmpRunPlan
{
    private readonly IReadOnlyList<RunArgument> _arguments;
    private readonly RunFiles _files;
    private readonly RunSettings _settings;

    internal AmpRunPlan(RunDraft draft, AmpCli? cli)
    {
        Options = draft.Options;
        Input = draft.Input;
        Program = draft.Program;
        WorkingDirectory = draft.WorkingDirectory;
        Environment = draft.Environment;
        Cli = cli;
        _settings = draft.Settings;
        _files = draft.Files;
        SecretValues = draft.SecretValues;
        _arguments = CliArguments.ForRun(draft.Options, draft.Input, draft.Files, draft.Settings.PassAllowAll, cli);
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
    public string? SettingsFile => _settings.UserFile;

    /// <summary>The settings that the call sets or adds to, by their keys; empty where the user's file is used as it is.</summary>
    public IReadOnlyList<string> SettingsKeys => _settings.Keys;

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

    internal IReadOnlyList<string> SecretValues { get; }

    /// <summary>Writes the files of the run; null where there are none.</summary>
    internal PrivateFolder? CreatePrivateFolder() =>
        _files.All.Count == 0 ? null : PrivateFolder.Create(WorkingDirectory, _files.All);

    internal ProcessCommand ToCommand(string? privateFolder) => new(
        Program.FileName,
        Complete([.. _arguments.Select(argument => argument.In(privateFolder))]),
        WorkingDirectory,
        Environment,
        Guid.NewGuid().ToString("N"));

    private IReadOnlyList<string> Complete(IReadOnlyList<string> arguments) =>
        Program.Script is null ? arguments : [Program.Script, .. arguments];
}
