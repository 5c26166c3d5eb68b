using System.Globalization;
using System.Text;

namespace Amp.Schedules;

/// <summary>A timer and a service of the user's systemd. A service that is active is not started again.</summary>
internal sealed class SystemdScheduler(SchedulerProgram programs, IReadOnlyDictionary<string, string> environment) : Scheduler
{
    private const string Program = "systemctl";

    /// <inheritdoc/>
    public override SchedulerKind Kind => SchedulerKind.Systemd;

    /// <summary>The folder of the user's units.</summary>
    public string UnitFolder => Path.Combine(Home("XDG_CONFIG_HOME", ".config"), "systemd", "user");

    /// <summary>Returns whether this user has a systemd that answers.</summary>
    public async Task<bool> IsAvailableAsync(CancellationToken cancellationToken) => programs.Find(Program) is not null
        && (await programs.AskAsync(Call("show", "--property=Version"), null, cancellationToken).ConfigureAwait(false)).Exit.IsSuccess;

    /// <inheritdoc/>
    public override SchedulerPlan Plan(ScheduleDefinition definition)
    {
        RefuseControl(definition);
        return new SchedulerPlan(
            [
                new SchedulerFile(Path.Combine(UnitFolder, Unit(definition, "service")), Service(definition)),
                new SchedulerFile(Path.Combine(UnitFolder, Unit(definition, "timer")), Timer(definition)),
            ],
            Calls(definition));
    }

    /// <summary>Creates the service.</summary>
    /// <exception cref="AmpValidationException">systemd cannot start the program by its path.</exception>
    public static string Service(ScheduleDefinition definition)
    {
        if (definition.Runner[0].IndexOfAny(['"', '\'', '\\']) >= 0)
        {
            throw new AmpValidationException(
                $"'{definition.Runner[0]}' contains a quotation mark or a backslash. systemd cannot start a program with such a path.", "Scheduler", "Use cron, or a PowerShell that is installed in another folder.", definition.Runner[0]);
        }

        StringBuilder unit = new();
        unit.Append(CultureInfo.InvariantCulture, $"# {Mark(definition.Name)}\n[Unit]\nDescription=Amp schedule {definition.Name}\n\n[Service]\nType=oneshot\n");
        foreach ((string name, string value) in definition.RunnerVariables.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            unit.Append(CultureInfo.InvariantCulture, $"Environment={Quoted($"{name}={value}", isArgument: false)}\n");
        }

        // systemd replaces variables in arguments, but not in the path of the program.
        unit.Append(CultureInfo.InvariantCulture, $"ExecStart={string.Join(' ', definition.Runner.Select((word, place) => Quoted(word, isArgument: place > 0)))}\n");
        unit.Append(CultureInfo.InvariantCulture, $"TimeoutStartSec={(long)(definition.TimeLimit + Margin).TotalSeconds}\n");
        return unit.ToString();
    }

    /// <summary>Creates the timer. A start that was missed while the machine was off is made up for.</summary>
    public static string Timer(ScheduleDefinition definition) =>
        $"# {Mark(definition.Name)}\n[Unit]\nDescription=Starts the Amp schedule {definition.Name}\n\n"
        + $"[Timer]\nOnCalendar={Calendar(definition.Trigger)}\nAccuracySec=1s\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n";

    /// <inheritdoc/>
    public override async Task RegisterAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        foreach (SchedulerCall call in Calls(definition))
        {
            if (call.Arguments.Contains("restart"))
            {
                // If there was a start since then by the new times, systemd would make up for it at once.
                DeleteStamp(definition);
            }

            await programs.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override async Task UnregisterAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        if (await StateAsync(definition, cancellationToken).ConfigureAwait(false) is not ScheduleState.Missing)
        {
            await programs.RunAsync(Call("disable", "--now", Unit(definition, "timer")), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override async Task ForgetAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        DeleteStamp(definition);
        await programs.RunAsync(Call("daemon-reload"), cancellationToken).ConfigureAwait(false);

        // Only a unit that failed is still known, so the answer says nothing.
        await programs.AskAsync(Call("reset-failed", Unit(definition, "service"), Unit(definition, "timer")), null, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override Task StartAsync(ScheduleDefinition definition, CancellationToken cancellationToken) =>
        programs.RunAsync(Call("start", "--no-block", Unit(definition, "service")), cancellationToken);

    /// <inheritdoc/>
    public override async Task<ScheduleState> StateAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        SchedulerAnswer answer = await programs.AskAsync(Call("is-enabled", Unit(definition, "timer")), null, cancellationToken).ConfigureAwait(false);
        return answer.Text switch
        {
            "enabled" => await IsActiveAsync(definition, cancellationToken).ConfigureAwait(false) ? ScheduleState.Ready : ScheduleState.Disabled,
            "disabled" or "masked" => ScheduleState.Disabled,
            _ => answer.StandardError.Contains("connect", StringComparison.OrdinalIgnoreCase) ? ScheduleState.Unknown : ScheduleState.Missing,
        };
    }

    /// <inheritdoc/>
    public override string? Note() => Path.Exists(Path.Combine("/var/lib/systemd/linger", Environment.UserName))
        ? null
        : "systemd runs your timers only while you are logged in. To run them at any time, run 'loginctl enable-linger'.";

    /// <summary>Writes a trigger as a calendar event of systemd.</summary>
    public static string Calendar(ScheduleTrigger trigger)
    {
        string days = trigger.Days.Count == 0 ? string.Empty : string.Join(',', trigger.Days.Select(day => day.ToString()[..3])) + " ";
        return $"{days}*-*-* {Numbers(trigger.Hours)}:{(trigger.Minutes.Count == 60 ? "*" : Numbers(trigger.Minutes))}:00";

        static string Numbers(IReadOnlyList<int> numbers) =>
            numbers.Count == 0 ? "*" : string.Join(',', numbers.Select(number => number.ToString("00", CultureInfo.InvariantCulture)));
    }

    // systemd would replace specifiers (%h) everywhere, and variables in arguments.
    private static string Quoted(string word, bool isArgument)
    {
        string escaped = word.Replace("%", "%%", StringComparison.Ordinal);
        escaped = isArgument ? escaped.Replace("$", "$$", StringComparison.Ordinal) : escaped;
        return escaped.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=%".Contains(c, StringComparison.Ordinal))
            ? escaped
            : $"\"{escaped.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    // A timer that was stopped, or has failed, starts with the next session only.
    private async Task<bool> IsActiveAsync(ScheduleDefinition definition, CancellationToken cancellationToken) =>
        (await programs.AskAsync(Call("is-active", Unit(definition, "timer")), null, cancellationToken).ConfigureAwait(false)).Text == "active";

    // A timer that is active is restarted, because it would wait for its previous time.
    private static SchedulerCall[] Calls(ScheduleDefinition definition) =>
        [Call("daemon-reload"), Call("enable", Unit(definition, "timer")), Call("restart", Unit(definition, "timer"))];

    private static SchedulerCall Call(params string[] arguments) => new(Program, ["--user", .. arguments]);

    private static string Unit(ScheduleDefinition definition, string type) => $"amp-{definition.Name}.{type}";

    // The time of the last start.
    private void DeleteStamp(ScheduleDefinition definition)
    {
        string stamp = Path.Combine(Home("XDG_DATA_HOME", ".local/share"), "systemd", "timers", "stamp-" + Unit(definition, "timer"));
        try
        {
            if (File.Exists(stamp))
            {
                File.Delete(stamp);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw SchedulerProgram.Failure($"The file '{stamp}', in which systemd keeps the time of the last start, cannot be deleted: {exception.Message}", "Check your permissions for the folder.");
        }
    }

    private string Home(string variable, string inHome) => environment.GetValueOrDefault(variable) is { Length: > 0 } given && Path.IsPathFullyQualified(given)
        ? given
        : environment.GetValueOrDefault("HOME") is { Length: > 0 } home ? Path.Combine(home, inHome) : throw UserFolderMissing();

    private static AmpValidationException UserFolderMissing() => new("HOME is not set, so the folder for systemd units is unknown.", "Scheduler", "Set HOME to your home folder.");
}
