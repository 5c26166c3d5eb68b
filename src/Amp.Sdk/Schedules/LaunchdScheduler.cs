using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

namespace Amp.Schedules;

/// <summary>An agent of launchd on macOS. A job that is active is not started again; one that was missed in sleep starts on waking.</summary>
internal sealed class LaunchdScheduler(SchedulerProgram programs, IReadOnlyDictionary<string, string> environment) : Scheduler
{
    private const string Program = "launchctl";

    // Codes of macOS: the process of the agent still has to exit, or the agent has just gone.
    private const int InProgress = 36;
    private const int NoSuchProcess = 3;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private string? _domain;

    /// <inheritdoc/>
    public override SchedulerKind Kind => SchedulerKind.Launchd;

    /// <inheritdoc/>
    public override SchedulerPlan Plan(ScheduleDefinition definition)
    {
        RefuseControl(definition);
        return new SchedulerPlan([new SchedulerFile(FileOf(definition), Agent(definition))], [new SchedulerCall(Program, "bootstrap", "gui/$UID", FileOf(definition))]);
    }

    /// <summary>Creates the property list of an agent.</summary>
    public static string Agent(ScheduleDefinition definition)
    {
        XElement dictionary = new(
            "dict",
            new XElement("key", "Label"),
            new XElement("string", Label(definition)),
            new XElement("key", "ProgramArguments"),
            new XElement("array", definition.Runner.Select(word => new XElement("string", word))));
        if (definition.RunnerVariables.Count > 0)
        {
            dictionary.Add(
                new XElement("key", "EnvironmentVariables"),
                new XElement("dict", definition.RunnerVariables.OrderBy(variable => variable.Key, StringComparer.Ordinal)
                    .SelectMany(variable => (XElement[])[new XElement("key", variable.Key), new XElement("string", variable.Value)])));
        }

        // The runner writes to the log. What comes from before it, such as an error of the system, is here.
        dictionary.Add(
            new XElement("key", "StartCalendarInterval"),
            new XElement("array", Times(definition.Trigger)),
            new XElement("key", "ProcessType"),
            new XElement("string", "Background"),
            new XElement("key", "StandardErrorPath"),
            new XElement("string", Path.Combine(Path.GetDirectoryName(definition.Runner[^1])!, "launchd.log")));
        XDocument document = new(
            new XDeclaration("1.0", "UTF-8", null),
            new XDocumentType("plist", "-//Apple//DTD PLIST 1.0//EN", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", null),
            new XComment($" {MarkInComment(definition.Name)} "),
            new XElement("plist", new XAttribute("version", "1.0"), dictionary));
        return $"{document.Declaration}\n{document}\n".ReplaceLineEndings("\n");
    }

    /// <inheritdoc/>
    public override async Task RegisterAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        await UnregisterAsync(definition, cancellationToken).ConfigureAwait(false);
        await programs.RunAsync(new SchedulerCall(Program, "bootstrap", await DomainAsync(cancellationToken).ConfigureAwait(false), FileOf(definition)), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task UnregisterAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        if (await StateAsync(definition, cancellationToken).ConfigureAwait(false) is ScheduleState.Ready)
        {
            SchedulerCall call = await CallAsync("bootout", definition, cancellationToken).ConfigureAwait(false);
            SchedulerAnswer answer = await programs.AskAsync(call, null, cancellationToken).ConfigureAwait(false);
            if (answer.Exit.ExitCode is not (0 or InProgress or NoSuchProcess))
            {
                throw SchedulerProgram.Failure(call, answer);
            }

            // launchd answers before the agent is gone, and refuses another one of its name until then.
            Stopwatch waited = Stopwatch.StartNew();
            while (await StateAsync(definition, cancellationToken).ConfigureAwait(false) is ScheduleState.Ready)
            {
                if (waited.Elapsed > s_patience)
                {
                    throw SchedulerProgram.Failure($"launchd did not remove the agent '{Label(definition)}' within {s_patience.TotalSeconds:0} s.", "Try again later.");
                }

                await Pause.OfAsync(s_pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public override async Task StartAsync(ScheduleDefinition definition, CancellationToken cancellationToken) =>
        await programs.RunAsync(await CallAsync("kickstart", definition, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public override async Task<ScheduleState> StateAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        SchedulerAnswer answer = await programs.AskAsync(
            await CallAsync("print", definition, cancellationToken).ConfigureAwait(false), null, cancellationToken).ConfigureAwait(false);
        return answer.Exit.IsSuccess ? ScheduleState.Ready : File.Exists(FileOf(definition)) ? ScheduleState.Disabled : ScheduleState.Missing;
    }

    // launchd numbers days as .NET does.
    private static IEnumerable<XElement> Times(ScheduleTrigger trigger)
    {
        int?[] hours = trigger.Hours.Count == 0 ? [null] : [.. trigger.Hours.Cast<int?>()];
        int?[] days = trigger.Days.Count == 0 ? [null] : [.. trigger.Days.Select(day => (int?)day)];
        return from day in days
               from hour in hours
               from minute in trigger.Minutes
               select new XElement("dict", Entry("Weekday", day), Entry("Hour", hour), Entry("Minute", minute));

        static XElement[] Entry(string name, int? value) => value is int number
            ? [new XElement("key", name), new XElement("integer", number.ToString(CultureInfo.InvariantCulture))]
            : [];
    }

    private static string Label(ScheduleDefinition definition) => $"amp.schedule.{definition.Name}";

    private string FileOf(ScheduleDefinition definition) => Path.Combine(
        environment.GetValueOrDefault("HOME") is { Length: > 0 } home ? home : throw new AmpValidationException("HOME is not set, so the folder for launchd agents is unknown.", "Scheduler", "Set HOME to your home folder."),
        "Library",
        "LaunchAgents",
        Label(definition) + ".plist");

    private async Task<SchedulerCall> CallAsync(string command, ScheduleDefinition definition, CancellationToken cancellationToken) =>
        new(Program, command, $"{await DomainAsync(cancellationToken).ConfigureAwait(false)}/{Label(definition)}");

    private async Task<string> DomainAsync(CancellationToken cancellationToken) =>
        _domain ??= "gui/" + (await programs.AskAsync(new SchedulerCall("id", "-u"), null, cancellationToken).ConfigureAwait(false)).Text;
}
