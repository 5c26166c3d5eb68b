using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Amp.Processes;

namespace Amp.Schedules;

/// <summary>
/// A line in the user's crontab. cron has no time limit, and starts a command again while it is active: the lock and the time limit of the runner are the only ones.
/// </summary>
/// <param name="programs">Runs <c>crontab</c>.</param>
/// <param name="time">Says how far the minute is.</param>
internal sealed partial class CronScheduler(SchedulerProgram programs, TimeProvider time) : Scheduler
{
    private const string Program = "crontab";

    // Of Debian's cron and its relatives.
    private const int LongestCommand = 990;

    // cron looks for changes one second after a minute begins, and later on a busy machine.
    private const int SecondsOfLook = 10;

    private static readonly SchedulerCall s_list = new(Program, "-l");
    private static readonly SchedulerCall s_write = new(Program, "-");

    /// <inheritdoc/>
    public override SchedulerKind Kind => SchedulerKind.Cron;

    /// <summary>Returns whether the system has a crontab.</summary>
    public bool IsAvailable => programs.Find(Program) is not null;

    /// <inheritdoc/>
    public override SchedulerPlan Plan(ScheduleDefinition definition) => new([], [s_write with { Input = Lines(definition) }]);

    /// <summary>Creates the lines of a schedule.</summary>
    /// <exception cref="AmpValidationException">A path cannot be written there.</exception>
    public static string Lines(ScheduleDefinition definition)
    {
        RefuseControl(definition);
        string command = string.Join(' ', definition.RunnerVariables.OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .Select(variable => $"{variable.Key}={Quoted(variable.Value)}").Concat(definition.Runner.Select(Quoted)));
        return command.Contains('\\', StringComparison.Ordinal) && definition.Runner.Any(word => word.Contains('\\', StringComparison.Ordinal))
            ? throw Refused(definition, "contains a backslash, which different versions of cron interpret differently")
            : Encoding.UTF8.GetByteCount(command) > LongestCommand
            ? throw Refused(definition, $"is longer than the {LongestCommand} bytes that cron reads")
            : $"# {Mark(definition.Name)}\n{Times(definition.Trigger)} {command}\n";
    }

    /// <inheritdoc/>
    public override async Task RegisterAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        string before = await ReadAsync(cancellationToken).ConfigureAwait(false);
        string rest = Without(before, definition.Name);
        RefuseOtherZone(rest);
        string separator = rest.Length == 0 || rest.EndsWith('\n') ? string.Empty : "\n";
        await WriteAsync(rest + separator + OwnLines(definition), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task UnregisterAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        string before = await ReadAsync(cancellationToken).ConfigureAwait(false);
        string rest = Without(before, definition.Name);
        if (rest.Length == 0 && before.Length > 0)
        {
            // The user has no crontab, as before the first schedule.
            await programs.RunAsync(new SchedulerCall(Program, "-r"), cancellationToken).ConfigureAwait(false);
        }
        else if (rest != before)
        {
            await WriteAsync(rest, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override Task StartAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        // cron cannot start a line on request. The runner gets only the variables that cron would set, so that a start by hand tests the real one.
        DetachedProcess.Start(definition.Runner, definition.RunnerVariables);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task<ScheduleState> StateAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        string[] lines = (await ReadAsync(cancellationToken).ConfigureAwait(false)).Split('\n');
        int mark = Array.IndexOf(lines, $"# {Mark(definition.Name)}");
        return mark < 0 || mark + 1 >= lines.Length || !IsRunner(lines[mark + 1], definition.Name) ? ScheduleState.Missing
            : lines[mark + 1].TrimStart().StartsWith('#') ? ScheduleState.Disabled : ScheduleState.Ready;
    }

    /// <inheritdoc/>
    public override async Task<bool> IsCurrentAsync(ScheduleDefinition definition, CancellationToken cancellationToken) =>
        ("\n" + await ReadAsync(cancellationToken).ConfigureAwait(false)).Contains("\n" + OwnLines(definition), StringComparison.Ordinal);

    /// <summary>Refuses a crontab that sets a time zone, which also counts for the lines that are added at its end.</summary>
    /// <exception cref="AmpException">The crontab sets a time zone.</exception>
    public static void RefuseOtherZone(string crontab)
    {
        if (ZonePattern().Match(crontab) is { Success: true } zone)
        {
            throw SchedulerProgram.Failure(
                $"The crontab sets a time zone ('{TerminalText.Escaped(zone.Value.Trim())}'), so cron would not start the schedule in the time zone of the system.",
                "Remove that line with 'crontab -e', or use another scheduler.");
        }
    }

    /// <summary>Returns whether an answer of <c>crontab -l</c> says that the user has none.</summary>
    public static bool IsNone(string standardError) => standardError.Contains("no crontab", StringComparison.OrdinalIgnoreCase)
        || (standardError.Contains("can't open", StringComparison.Ordinal) && standardError.Contains("No such file", StringComparison.Ordinal));

    /// <summary>Writes a trigger as the five fields of a crontab.</summary>
    public static string Times(ScheduleTrigger trigger)
    {
        return $"{(trigger.Minutes.Count == 60 ? "*" : Numbers(trigger.Minutes))} {Numbers(trigger.Hours)} * * {Numbers([.. trigger.Days.Select(day => (int)day)])}";

        static string Numbers(IReadOnlyList<int> numbers) => numbers.Count == 0 ? "*" : string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Removes the lines of a schedule from a crontab, and keeps every other byte.</summary>
    /// <exception cref="AmpException">The line after the mark is not one of the schedule.</exception>
    public static string Without(string crontab, string name)
    {
        List<string> lines = [.. crontab.Split('\n')];
        for (int mark; (mark = lines.IndexOf($"# {Mark(name)}")) >= 0;)
        {
            if (mark + 1 >= lines.Count || !IsRunner(lines[mark + 1], name))
            {
                throw SchedulerProgram.Failure($"The crontab was edited: the line after '{lines[mark]}' is not the line of the schedule.", "Fix it with 'crontab -e'.");
            }

            lines.RemoveRange(mark, 2);
        }

        return string.Join('\n', lines);
    }

    private static bool IsRunner(string line, string name) => line.TrimEnd().TrimEnd('\'').EndsWith($"/{name}/{ScheduleStore.RunnerName}", StringComparison.Ordinal);

    // cron ends a command at %, and the shell then reads the rest.
    private static string Quoted(string word)
    {
        string quoted = word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=%".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\"'\"'", StringComparison.Ordinal)}'";
        return quoted.Replace("%", "\\%", StringComparison.Ordinal);
    }

    private static AmpValidationException Refused(ScheduleDefinition definition, string fault) => new(
        $"The command that starts '{definition.Runner[^1]}' {fault}.", "Scheduler", "Use another scheduler, or set XDG_DATA_HOME to another folder.", definition.Runner[^1]);

    // Every byte becomes one character and the same byte again, whatever encoding the user's own lines have.
    private async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        SchedulerAnswer answer = await programs.AskAsync(s_list, null, cancellationToken).ConfigureAwait(false);
        return answer.Exit.IsSuccess ? Encoding.Latin1.GetString(answer.Output)
            : IsNone(answer.StandardError) ? string.Empty
            : throw SchedulerProgram.Failure(s_list, answer);
    }

    private static string OwnLines(ScheduleDefinition definition) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Lines(definition)));

    // cron (3.0pl1, which Debian and Ubuntu have) compares the time of the crontabs' folder in whole seconds with the one that it saw a minute before. If it looks between
    // two changes of one second, it does not see the second one until a crontab changes again, and the schedule would never start. A change in a later second is seen.
    private async Task WriteAsync(string crontab, CancellationToken cancellationToken)
    {
        DateTimeOffset start = time.GetUtcNow();
        await programs.RunAsync(s_write, cancellationToken, Encoding.Latin1.GetBytes(crontab)).ConfigureAwait(false);
        DateTimeOffset end = time.GetUtcNow();
        if (start.Second < SecondsOfLook || end.Second < SecondsOfLook || end.Minute != start.Minute)
        {
            await Pause.OfAsync(TimeSpan.FromMilliseconds(1050 - end.Millisecond), cancellationToken).ConfigureAwait(false);

            // With what others have changed since.
            string current = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (current.Length > 0)
            {
                await programs.RunAsync(s_write, cancellationToken, Encoding.Latin1.GetBytes(current)).ConfigureAwait(false);
            }
        }
    }

    [GeneratedRegex(@"^[ \t]*""?CRON_TZ""?[ \t]*=[ \t]*[^ \t\r\n].*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ZonePattern();
}
