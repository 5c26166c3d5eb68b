using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.Schedules;
using Amp.Schedules;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Registers a script with the scheduler of the system: Task Scheduler on Windows, launchd on macOS, a timer of the user's systemd on Linux, or cron if
/// there is none. Only one run is active at a time. A time limit applies to each run, and a log keeps what the run writes.
/// </summary>
/// <example>
///   <code>Register-AmpSchedule nightly ./nightly-task.ps1 -Daily -At 03:10 -ApiKeyName AmpApiKey</code>
/// </example>
[Cmdlet(VerbsLifecycle.Register, "AmpSchedule", SupportsShouldProcess = true, DefaultParameterSetName = PathDailySet)]
[OutputType(typeof(AmpSchedule))]
public sealed class RegisterAmpScheduleCommand : ScheduleCmdlet
{
    private const string PathDailySet = "ScriptPathDaily";
    private const string PathWeeklySet = "ScriptPathWeekly";
    private const string PathEverySet = "ScriptPathEvery";
    private const string BlockDailySet = "ScriptBlockDaily";
    private const string BlockWeeklySet = "ScriptBlockWeekly";
    private const string BlockEverySet = "ScriptBlockEvery";

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(30);

    /// <summary>The name: letters from A to Z, digits, hyphens and underscores.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Name { get; set; } = string.Empty;

    /// <summary>The path of the script. The file is not copied, so changes to it apply to the next run.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = PathDailySet)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = PathWeeklySet)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = PathEverySet)]
    public string ScriptPath { get; set; } = string.Empty;

    /// <summary>The script as a script block, whose text is stored with the schedule. It runs in a new process, without the variables of this session.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = BlockDailySet)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = BlockWeeklySet)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = BlockEverySet)]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>Starts the script every day.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathDailySet)]
    [Parameter(Mandatory = true, ParameterSetName = BlockDailySet)]
    public SwitchParameter Daily { get; set; }

    /// <summary>Starts the script on the days of <c>-DaysOfWeek</c>.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathWeeklySet)]
    [Parameter(Mandatory = true, ParameterSetName = BlockWeeklySet)]
    public SwitchParameter Weekly { get; set; }

    /// <summary>The days of the week on which the script starts.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathWeeklySet)]
    [Parameter(Mandatory = true, ParameterSetName = BlockWeeklySet)]
    public DayOfWeek[] DaysOfWeek { get; set; } = [];

    /// <summary>Starts the script several times a day, at this interval: minutes that divide an hour, or hours that divide a day.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathEverySet)]
    [Parameter(Mandatory = true, ParameterSetName = BlockEverySet)]
    public TimeSpan Every { get; set; }

    /// <summary>
    /// The time of day, in the time zone of the system; a UTC time is converted to it. The date and the seconds are ignored. With <c>-Every</c>, it is one of the times.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = PathDailySet)]
    [Parameter(Mandatory = true, ParameterSetName = PathWeeklySet)]
    [Parameter(Mandatory = true, ParameterSetName = BlockDailySet)]
    [Parameter(Mandatory = true, ParameterSetName = BlockWeeklySet)]
    [Parameter(ParameterSetName = PathEverySet)]
    [Parameter(ParameterSetName = BlockEverySet)]
    public DateTime At { get; set; }

    /// <summary>The parameters of the script, as a hashtable of strings, numbers, dates and switches.</summary>
    [Parameter]
    [DictionaryTransformation("@{ WorkingDirectory = '/srv/site' }")]
    public IDictionary? ScriptParameter { get; set; }

    /// <summary>The folder in which the script runs. The default is PowerShell's current folder.</summary>
    [Parameter]
    [Alias("Cwd")]
    public string? WorkingDirectory { get; set; }

    /// <summary>The time after which a run is stopped with all its processes. The default is 12 hours.</summary>
    [Parameter]
    public TimeSpan ExecutionTimeLimit { get; set; } = TimeSpan.FromHours(12);

    /// <summary>
    /// The folder of the logs. The default is a folder of the schedule in your state folder. On Linux and macOS, only you can read the logs. On
    /// Windows, the folder is created with an access list of you, the system and the administrators; a folder that is there already keeps its own, so give one
    /// that only you can read.
    /// </summary>
    [Parameter]
    public string? LogDirectory { get; set; }

    /// <summary>The number of logs to keep. The default is 30.</summary>
    [Parameter]
    [Limit]
    public int LogLimit { get; set; } = 30;

    /// <summary>The name of the access token in a vault of SecretManagement. It is read when a run starts, and is not stored anywhere else.</summary>
    [Parameter]
    public string? ApiKeyName { get; set; }

    /// <summary>The vault that contains the access token. By default, the default vault of SecretManagement.</summary>
    [Parameter]
    public string? Vault { get; set; }

    /// <summary>A file with variables for the script, one <c>NAME=value</c> per line, that only you can access. It is read when a run starts.</summary>
    [Parameter]
    public string? EnvironmentFile { get; set; }

    /// <summary>The scheduler to use. The default is the scheduler of the system.</summary>
    [Parameter]
    public SchedulerKind? Scheduler { get; set; }

    /// <summary>Replaces a schedule of this name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Amp.Schedules.Scheduler scheduler = WaitOrThrow(token => Store.ChooseAsync(Scheduler, token));
        (ScheduleDefinition definition, Dictionary<string, string> parts, SchedulerPlan plan, string?[] leftOut) = OrThrow(() =>
        {
            ScheduleDefinition schedule = Define(scheduler.Kind);
            Dictionary<string, string> files = new() { [ScheduleStore.RunnerName] = RunnerScript.Text(Name) };
            if (ScriptBlock is not null)
            {
                files[ScheduleStore.ScriptName] = Text(ScriptBlock);
            }

            return (schedule, files, scheduler.Plan(schedule), LeftOut(schedule));
        });
        if (!ShouldProcess(Describe(definition, parts, plan), $"Register the schedule '{Name}' ({scheduler.Kind}, {definition.Trigger})?", "Register-AmpSchedule"))
        {
            return;
        }

        bool isNew = WaitOrThrow(token => Store.RegisterAsync(definition, parts, Force, token));
        WriteVerbose(isNew ? $"The schedule '{Name}' is registered." : $"The schedule '{Name}' is already registered; nothing was changed.");
        ScheduleDefinition registered = OrThrow(() => Store.Get(Name));
        TimeZoneInfo zone = SystemTimeZone.Find();
        DateTimeOffset now = DateTimeOffset.Now;
        foreach (string note in ((string?[])[Different(registered.Variables, definition.Variables), .. leftOut, scheduler.Note(), SystemTimeZone.Note(TimeZoneInfo.Local, zone, now), definition.Trigger.Note(scheduler.Kind, now, zone)]).OfType<string>())
        {
            WriteWarning(note);
        }

        WriteObject(WaitOrThrow(token => Store.ShowAsync(registered, token)));
    }

    // A schedule that is registered already keeps its variables, because those of a session change from one to the next.
    private static string? Different(IReadOnlyDictionary<string, string> kept, IReadOnlyDictionary<string, string> now)
    {
        string[] names = [.. kept.Except(now).Concat(now.Except(kept)).Select(variable => variable.Key).Distinct().Order(StringComparer.Ordinal)];
        return names.Length == 0
            ? null
            : $"The schedule keeps the variables of the session that registered it, and these are different now: {string.Join(", ", names)}. To replace them, use -Force.";
    }

    private static string?[] LeftOut(ScheduleDefinition definition)
    {
        string[] names = [.. RunnerScript.LeftOutVariables()];
        bool lacksKey = RunnerScript.HasKey && definition.ApiKeyName is null;
        if ((names.Length > 0 || lacksKey) && definition.EnvironmentFile is string path)
        {
            IReadOnlyDictionary<string, string> given = Amp.Schedules.EnvironmentFile.Read(path);
            names = [.. names.Where(name => !given.ContainsKey(name))];
            lacksKey = lacksKey && !given.ContainsKey(RunnerScript.KeyVariable);
        }

        return
        [
            lacksKey
                ? $"The schedule does not keep {RunnerScript.KeyVariable}. Give the access token with -ApiKeyName or -EnvironmentFile, unless the CLI is logged in or the script reads the token itself."
                : null,
            names.Length == 0
                ? null
                : $"The schedule does not keep these variables, because their values contain a login: {string.Join(", ", names)}. If the script requires them, put them into a file for -EnvironmentFile.",
        ];
    }

    private ScheduleDefinition Define(SchedulerKind kind)
    {
        ScheduleDefinition.CheckName(Name);
        if (ExecutionTimeLimit < TimeSpan.FromSeconds(1) || ExecutionTimeLimit > s_longest)
        {
            throw new AmpValidationException(
                $"'{ExecutionTimeLimit}' is not a valid time limit.", nameof(ExecutionTimeLimit), "Give at least 1 second and at most 30 days, such as 01:30:00.", ExecutionTimeLimit);
        }

        IReadOnlyList<string> powerShell = RunnerScript.PowerShellProgram(SessionState.PSVariable.GetValue("PSHOME") as string ?? string.Empty);
        string folder = Store.FolderOf(Name);
        string script = ScriptBlock is null ? Existing(ScriptPath, nameof(ScriptPath)) : System.IO.Path.Combine(folder, ScheduleStore.ScriptName);
        string workingDirectory = WorkingDirectory is null ? CurrentFolder() : ResolveFilePath(WorkingDirectory, nameof(WorkingDirectory));
        if (!Directory.Exists(workingDirectory))
        {
            throw new AmpValidationException($"The folder '{workingDirectory}' does not exist.", nameof(WorkingDirectory), "Give an existing folder.", workingDirectory);
        }

        return new ScheduleDefinition
        {
            Name = Name,
            Scheduler = kind,
            Trigger = Trigger(),
            Runner = RunnerScript.RunnerCommand(powerShell, System.IO.Path.Combine(folder, ScheduleStore.RunnerName)),
            RunnerVariables = RunnerScript.RunnerVariables(),
            Command = RunnerScript.ScriptCommand(powerShell, script, ScriptParameter),
            ScriptPath = script,
            Variables = RunnerScript.KeptVariables(),
            WorkingDirectory = workingDirectory,
            TimeLimit = ExecutionTimeLimit,
            LogDirectory = LogDirectory is null ? Store.DefaultLogDirectory(Name) : ResolveFilePath(LogDirectory, nameof(LogDirectory)),
            LogLimit = LogLimit,
            ApiKeyName = KeyName(),
            Vault = Vault,
            EnvironmentFile = Variables(),
        };
    }

    private ScheduleTrigger Trigger()
    {
        string name = ParameterSetName;
        bool isEvery = name is PathEverySet or BlockEverySet;
        if (!isEvery && !(name is PathDailySet or BlockDailySet ? Daily : Weekly))
        {
            throw new AmpValidationException("The schedule would never start.", name is PathDailySet or BlockDailySet ? nameof(Daily) : nameof(Weekly), "Use -Daily, -Weekly or -Every.");
        }

        return ScheduleTrigger.Of(SystemTimeZone.TimeOfDay(At, SystemTimeZone.Find()), DaysOfWeek, isEvery ? Every : null);
    }

    private string? KeyName()
    {
        if (Vault is not null && ApiKeyName is null)
        {
            throw new AmpValidationException("-Vault requires -ApiKeyName.", nameof(Vault), "Give the name of the access token with -ApiKeyName.", Vault);
        }

        return ApiKeyName is null || InvokeCommand.GetCommand(ScheduleRunner.SecretCommand, CommandTypes.Cmdlet | CommandTypes.Function) is not null
            ? ApiKeyName
            : throw new AmpValidationException(
                "-ApiKeyName requires Get-Secret of SecretManagement, which was not found.", nameof(ApiKeyName), "Install it: Install-PSResource Microsoft.PowerShell.SecretManagement.", ApiKeyName);
    }

    // Read now, so that a mistake is found before the first night.
    private string? Variables()
    {
        string? path = EnvironmentFile is null ? null : ResolveFilePath(EnvironmentFile, nameof(EnvironmentFile));
        _ = path is null ? null : Amp.Schedules.EnvironmentFile.Read(path);
        return path;
    }

    private string Existing(string path, string parameterName)
    {
        string full = ResolveFilePath(path, parameterName);
        return !File.Exists(full) ? throw new AmpValidationException($"The script '{full}' does not exist.", parameterName, "Give the path of a script.", full)
            : !full.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase) ? throw new AmpValidationException($"'{full}' is not a PowerShell script.", parameterName, "Give a file with the extension .ps1.", full)
            : full;
    }

    private static string Text(ScriptBlock script) => script.Ast.Find(static node => node is UsingExpressionAst, searchNestedScriptBlocks: true) is Ast use
        ? throw new AmpValidationException(
            $"The script uses '{use.Extent.Text}', a variable of this session, which does not exist when the script runs.",
            nameof(ScriptBlock),
            "Add a param block to the script, and pass the values with -ScriptParameter.",
            use.Extent.Text)
        : script.ToString().Trim('\r', '\n') + "\n";

    private string Describe(ScheduleDefinition definition, Dictionary<string, string> parts, SchedulerPlan plan)
    {
        StringBuilder text = new();
        text.AppendLine($"Register the schedule '{Name}' ({definition.Scheduler}, {definition.Trigger}).");
        string folder = Store.FolderOf(Name);
        foreach ((string path, string content) in parts.Select(part => (System.IO.Path.Combine(folder, part.Key), part.Value))
            .Append((System.IO.Path.Combine(folder, ScheduleStore.DefinitionName), definition.ToJson()))
            .Concat(plan.Files.Select(file => (file.Path, file.Content))))
        {
            Add(text, $"write {path}", content);
        }

        foreach (SchedulerCall call in plan.Calls)
        {
            Add(text, call.Input is null ? $"run {call}" : $"run {call}, with this input", call.Input ?? string.Empty);
        }

        return text.ToString().TrimEnd();
    }

    private static void Add(StringBuilder text, string title, string content)
    {
        text.Append("  ").AppendLine(title);
        foreach (string line in content.ReplaceLineEndings("\n").Split('\n').Where(line => line.Length > 0))
        {
            text.Append("    ").AppendLine(line);
        }
    }
}
