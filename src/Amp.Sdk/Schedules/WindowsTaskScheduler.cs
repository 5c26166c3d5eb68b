using System.Text;
using System.Xml;
using System.Xml.Linq;
using Amp.Files;

namespace Amp.Schedules;

/// <summary>
/// A task of Task Scheduler on Windows, in the folder <c>\Amp</c>. It runs as the user, while the user is logged on: to run always, Windows
/// requires the password of the account, which this library does not ask for.
/// </summary>
internal sealed class WindowsTaskScheduler(SchedulerProgram programs) : Scheduler
{
    private const string Program = "schtasks";
    private static readonly XNamespace s_space = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    private static string User => $"{Environment.UserDomainName}\\{Environment.UserName}";

    /// <inheritdoc/>
    public override SchedulerKind Kind => SchedulerKind.TaskScheduler;

    /// <inheritdoc/>
    public override SchedulerPlan Plan(ScheduleDefinition definition)
    {
        string file = Path.Combine(Path.GetDirectoryName(definition.Runner[^1])!, "task.xml");
        return new SchedulerPlan(
            [new SchedulerFile(file, Task(definition, User), IsUtf16: true)],
            [new SchedulerCall(Program, "/Create", "/TN", NameOf(definition), "/XML", file, "/F")]);
    }

    /// <summary>Creates the definition of a task. The elements are in the order of the schema.</summary>
    /// <param name="definition">The schedule.</param>
    /// <param name="user">The account of the task.</param>
    /// <exception cref="AmpValidationException">The path of PowerShell contains a character that Task Scheduler would replace.</exception>
    public static string Task(ScheduleDefinition definition, string user)
    {
        RefuseControl(definition);
        ScheduleTrigger trigger = definition.Trigger;
        XElement starts = new(
            s_space + "CalendarTrigger",
            Element("Enabled", true),
            Element("StartBoundary", new DateTime(2026, 1, 1).Add(trigger.First.ToTimeSpan()).ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)));
        if (trigger.Every is TimeSpan every)
        {
            starts.Add(Element("Repetition", Element("Interval", XmlConvert.ToString(every)), Element("Duration", "P1D"), Element("StopAtDurationEnd", false)));
        }

        starts.Add(trigger.Days.Count == 0
            ? Element("ScheduleByDay", Element("DaysInterval", 1))
            : Element("ScheduleByWeek", Element("DaysOfWeek", [.. trigger.Days.Select(day => new XElement(s_space + day.ToString()))]), Element("WeeksInterval", 1)));

        XDocument document = new(
            new XDeclaration("1.0", "UTF-16", null),
            new XElement(
                s_space + "Task",
                new XAttribute("version", "1.2"),
                Element("RegistrationInfo", Element("URI", NameOf(definition)), Element("Description", Mark(definition.Name))),
                Element("Triggers", starts),
                Element(
                    "Principals",
                    new XElement(s_space + "Principal", new XAttribute("id", "Author"), Element("UserId", user), Element("LogonType", "InteractiveToken"), Element("RunLevel", "LeastPrivilege"))),
                Element(
                    "Settings",
                    Element("MultipleInstancesPolicy", "IgnoreNew"),
                    Element("DisallowStartIfOnBatteries", false),
                    Element("StopIfGoingOnBatteries", false),
                    Element("AllowHardTerminate", true),
                    Element("StartWhenAvailable", true),
                    Element("AllowStartOnDemand", true),
                    Element("Enabled", true),
                    Element("ExecutionTimeLimit", XmlConvert.ToString(definition.TimeLimit + Margin))),
                new XElement(
                    s_space + "Actions",
                    new XAttribute("Context", "Author"),
                    Element("Exec", Element("Command", definition.Runner[0]), Element("Arguments", Arguments(definition))))));
        return $"{document.Declaration}\r\n{document}\r\n".ReplaceLineEndings("\r\n");
    }

    /// <inheritdoc/>
    public override async Task RegisterAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        foreach (SchedulerCall call in Plan(definition).Calls)
        {
            await programs.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override async Task UnregisterAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        if (await StateAsync(definition, cancellationToken).ConfigureAwait(false) is not ScheduleState.Missing)
        {
            await programs.RunAsync(new SchedulerCall(Program, "/Delete", "/TN", NameOf(definition), "/F"), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override async Task StartAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        if (await IsForeignAsync(definition, cancellationToken).ConfigureAwait(false))
        {
            throw SchedulerProgram.Failure(
                $"The task '{NameOf(definition)}' is not that of the schedule: another user or another program has created it.", "Register the schedule under another name.");
        }

        await programs.RunAsync(new SchedulerCall(Program, "/Run", "/TN", NameOf(definition)), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task<ScheduleState> StateAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        // Its tables are in the language of the system; its XML is not.
        SchedulerAnswer answer = await programs.AskAsync(Query(definition), null, cancellationToken).ConfigureAwait(false);
        return !answer.Exit.IsSuccess || IsOfOther(answer.Text) ? ScheduleState.Missing : IsDisabled(answer.Text) ? ScheduleState.Disabled : ScheduleState.Ready;
    }

    /// <inheritdoc/>
    public override async Task<bool> IsForeignAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        SchedulerAnswer answer = await programs.AskAsync(Query(definition), null, cancellationToken).ConfigureAwait(false);
        return answer.Exit.IsSuccess && (!answer.Text.Contains(Mark(definition.Name), StringComparison.Ordinal) || IsOfOther(answer.Text));
    }

    /// <summary>Returns whether a task is turned off, by its definition.</summary>
    public static bool IsDisabled(string task) => Read(task)?.Element(s_space + "Settings")?.Element(s_space + "Enabled")?.Value == "false";

    /// <summary>Returns whether a task runs as another user, by its definition: to an administrator, Task Scheduler shows the tasks of all users.</summary>
    /// <param name="task">The definition.</param>
    /// <param name="id">The security identifier of this user, which Task Scheduler answers with; null if it is not known.</param>
    /// <param name="user">The name of this user, as it is written into the definition.</param>
    public static bool IsOfOther(string task, string? id, string user) =>
        Read(task)?.Element(s_space + "Principals")?.Element(s_space + "Principal") is XElement principal
        && principal.Element(s_space + "UserId")?.Value.Trim() is var owner
        && owner != id
        && !string.Equals(owner, user, StringComparison.OrdinalIgnoreCase)
        // A name with letters that were lost in the encoding of the answer.
        && owner?.Contains('\uFFFD', StringComparison.Ordinal) != true;

    private static bool IsOfOther(string task) => IsOfOther(task, OperatingSystem.IsWindows() ? WindowsAccess.UserId() : null, User);

    private static XElement? Read(string task)
    {
        try
        {
            // In front of it, there may be a declaration of another encoding.
            int start = task.IndexOf("<Task", StringComparison.Ordinal);
            return start < 0 ? null : XElement.Parse(task[start..]);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static XElement Element(string name, params object[] content) => new(s_space + name, content);

    private static SchedulerCall Query(ScheduleDefinition definition) => new(Program, "/Query", "/TN", NameOf(definition), "/XML");

    private static string NameOf(ScheduleDefinition definition) => $"\\Amp\\{definition.Name}";

    // Task Scheduler replaces %NAME% and $(ARG0), and neither can be escaped. PowerShell also takes a command in Base64.
    private static string Arguments(ScheduleDefinition definition)
    {
        if (IsReplaced(definition.Runner[0]))
        {
            throw new AmpValidationException(
                $"'{definition.Runner[0]}' contains % or $(, which Task Scheduler would replace.", "Scheduler", "Use a PowerShell that is installed in another folder.", definition.Runner[0]);
        }

        IEnumerable<string> words = definition.Runner.Skip(1);
        string runner = definition.Runner[^1];
        if (IsReplaced(runner))
        {
            string command = $"& '{runner.Replace("'", "''", StringComparison.Ordinal)}'; exit $LASTEXITCODE";
            words = [.. definition.Runner.Skip(1).SkipLast(2), "-EncodedCommand", Convert.ToBase64String(Encoding.Unicode.GetBytes(command))];
        }

        // A path on Windows contains no quotation mark and does not end with a backslash.
        return string.Join(' ', words.Select(word => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word));
    }

    private static bool IsReplaced(string text) => text.Contains('%', StringComparison.Ordinal) || text.Contains("$(", StringComparison.Ordinal);
}
