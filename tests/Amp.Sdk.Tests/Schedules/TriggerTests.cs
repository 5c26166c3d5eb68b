using System.Diagnostics;
using System.Globalization;
using Amp.Schedules;

namespace Amp.Sdk.Tests.Schedules;

/// <summary>A trigger means the same times on every scheduler.</summary>
public sealed class TriggerTests
{
    [Fact]
    public void The_time_zone_is_the_one_of_the_system()
    {
        using Amp.Testing.PrivateHome home = new();
        string link = Path.Combine(home.Root, "localtime");
        Assert.Equal(TimeZoneInfo.Utc, SystemTimeZone.Of(link));
        if (!OperatingSystem.IsWindows())
        {
            Assert.SkipUnless(File.Exists("/usr/share/zoneinfo/Asia/Tokyo"), "tzdata is not installed.");
            File.CreateSymbolicLink(link, "/usr/share/zoneinfo/Asia/Tokyo");
            TimeZoneInfo tokyo = SystemTimeZone.Of(link)!;
            Assert.Equal(TimeSpan.FromHours(9), tokyo.BaseUtcOffset);
            Assert.Contains("Asia/Tokyo", SystemTimeZone.Note(TimeZoneInfo.Utc, tokyo, DateTimeOffset.Now)!, StringComparison.Ordinal);
            Assert.Null(SystemTimeZone.Note(tokyo, tokyo, DateTimeOffset.Now));
            File.Delete(link);
            File.WriteAllText(link, "TZif");
            Assert.Null(SystemTimeZone.Of(link));
        }
    }

    [Fact]
    public void A_UTC_time_is_converted_and_any_other_time_is_already_that_of_the_zone()
    {
        DateTime winter = new(2026, 1, 15, 3, 10, 0, DateTimeKind.Utc);
        Assert.Equal(new TimeOnly(4, 10), SystemTimeZone.TimeOfDay(winter, Berlin));
        Assert.Equal(new TimeOnly(5, 10), SystemTimeZone.TimeOfDay(winter.AddMonths(6), Berlin));
        Assert.Equal(new TimeOnly(3, 10), SystemTimeZone.TimeOfDay(DateTime.SpecifyKind(winter, DateTimeKind.Unspecified), Berlin));
        Assert.Equal(new TimeOnly(3, 10), SystemTimeZone.TimeOfDay(DateTime.SpecifyKind(winter, DateTimeKind.Local), Berlin));
    }

    // The trigger, cron, systemd, the number of times of launchd, and the first two starts after Wednesday 2026-07-01 12:00.
    public static TheoryData<string, string, string, string, int, string> Triggers => new()
    {
        { "03:10", "", "10 3 * * *", "*-*-* 03:10:00", 1, "07-02 03:10, 07-03 03:10" },
        { "03:10", "Monday,Friday", "10 3 * * 1,5", "Mon,Fri *-*-* 03:10:00", 2, "07-03 03:10, 07-06 03:10" },
        { "00:00", "Sunday", "0 0 * * 0", "Sun *-*-* 00:00:00", 1, "07-05 00:00, 07-12 00:00" },
        { "00:07", "00:15:00", "7,22,37,52 * * * *", "*-*-* *:07,22,37,52:00", 4, "07-01 12:07, 07-01 12:22" },
        { "12:59", "00:30:00", "29,59 * * * *", "*-*-* *:29,59:00", 2, "07-01 12:29, 07-01 12:59" },
        { "00:05", "01:00:00", "5 * * * *", "*-*-* *:05:00", 1, "07-01 12:05, 07-01 13:05" },
        { "22:30", "06:00:00", "30 4,10,16,22 * * *", "*-*-* 04,10,16,22:30:00", 4, "07-01 16:30, 07-01 22:30" },
    };

    [Theory]
    [MemberData(nameof(Triggers))]
    public void A_trigger_is_written_for_every_scheduler(string at, string when, string cron, string systemd, int launchd, string next)
    {
        ScheduleTrigger trigger = Parse(at, when);
        Assert.Equal(cron, CronScheduler.Times(trigger));
        Assert.Equal(systemd, SystemdScheduler.Calendar(trigger));
        Assert.Equal(launchd, LaunchdScheduler.Agent(Schedules.Of(trigger: trigger)).Split("<key>Minute</key>").Length - 1);

        DateTimeOffset now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(next, NextTwo(trigger, now, SchedulerKind.Systemd, TimeZoneInfo.Utc));
    }

    [Fact]
    public void Systemd_reads_the_times_as_they_are_meant()
    {
        Assert.SkipWhen(Schedules.Lack("systemd-analyze") is not null, Schedules.Lack("systemd-analyze") ?? "");
        foreach (object?[] row in Triggers.Select(row => ((ITheoryDataRow)row).GetData()))
        {
            ScheduleTrigger trigger = Parse((string)row[0]!, (string)row[1]!);
            Assert.Equal((string)row[5]!, NextTwoOfSystemd(trigger, "07-01 12:00", "UTC", line => line.Contains("Next elapse", StringComparison.Ordinal) || line.Contains("Iter. #", StringComparison.Ordinal) || line.Contains("Iteration #", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("00:00:30")]
    [InlineData("00:07:00")]
    [InlineData("00:45:00")]
    [InlineData("01:30:00")]
    [InlineData("05:00:00")]
    [InlineData("1.00:00:00")]
    [InlineData("00:00:00")]
    [InlineData("-00:15:00")]
    public void A_distance_that_cron_cannot_keep_is_refused(string distance)
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(() => Schedules.Every(distance));
        Assert.Equal("Every", error.OptionName);
        Assert.Contains("30 minutes", error.RecommendedAction, StringComparison.Ordinal);
    }

    // The clock of Berlin goes from 02:00 to 03:00 on 2026-03-29, and from 03:00 to 02:00 on 2026-10-25. The times of the rows are UTC.
    public static TheoryData<SchedulerKind, string, string, string, string> Changes => new()
    {
        { SchedulerKind.Systemd, "02:30", "", "03-28 11:00", "03-30 00:30, 03-31 00:30" },
        { SchedulerKind.Cron, "02:30", "", "03-28 11:00", "03-29 01:00, 03-30 00:30" },
        { SchedulerKind.Launchd, "02:30", "", "03-28 11:00", "03-29 01:30, 03-30 00:30" },
        { SchedulerKind.Systemd, "02:30", "06:00:00", "03-28 20:00", "03-29 06:30, 03-29 12:30" },
        { SchedulerKind.Cron, "02:30", "06:00:00", "03-28 20:00", "03-29 01:00, 03-29 06:30" },
        { SchedulerKind.Systemd, "00:00", "00:30:00", "03-29 00:10", "03-29 00:30, 03-29 01:00" },
        { SchedulerKind.Cron, "00:05", "01:00:00", "03-29 00:10", "03-29 01:05, 03-29 02:05" },
        { SchedulerKind.Systemd, "02:30", "", "10-24 12:00", "10-25 00:30, 10-26 01:30" },
        { SchedulerKind.Cron, "02:30", "", "10-24 12:00", "10-25 00:30, 10-26 01:30" },
        { SchedulerKind.TaskScheduler, "02:30", "", "10-24 12:00", "10-25 00:30, 10-26 01:30" },
        { SchedulerKind.Systemd, "00:00", "00:30:00", "10-25 00:10", "10-25 00:30, 10-25 02:00" },
        { SchedulerKind.Cron, "00:00", "00:30:00", "10-25 00:10", "10-25 00:30, 10-25 01:00" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void The_next_start_over_a_change_of_the_clock_is_that_of_the_scheduler(SchedulerKind scheduler, string at, string when, string after, string next)
    {
        DateTimeOffset now = DateTimeOffset.ParseExact($"2026-{after}", "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        Assert.Equal(next, NextTwo(Parse(at, when), now, scheduler, Berlin));
    }

    [Fact]
    public void Systemd_does_over_a_change_of_the_clock_what_is_expected_of_it()
    {
        Assert.SkipWhen(Schedules.Lack("systemd-analyze") is not null, Schedules.Lack("systemd-analyze") ?? "");
        Assert.SkipUnless(File.Exists("/usr/share/zoneinfo/Europe/Berlin"), "tzdata is not installed.");
        foreach (object?[] row in Changes.Select(row => ((ITheoryDataRow)row).GetData()).Where(row => row[0] is SchedulerKind.Systemd))
        {
            string next = NextTwoOfSystemd(Parse((string)row[1]!, (string)row[2]!), (string)row[3]!, "Europe/Berlin", line => line.Contains("(in UTC)", StringComparison.Ordinal));
            Assert.Equal((string)row[4]!, next);
        }
    }

    [Theory]
    [InlineData(SchedulerKind.Systemd, "02:30", "", true)]
    [InlineData(SchedulerKind.Systemd, "02:00", "Sunday", true)]
    [InlineData(SchedulerKind.Systemd, "02:30", "Monday,Saturday", false)]
    [InlineData(SchedulerKind.Systemd, "03:00", "", false)]
    [InlineData(SchedulerKind.Systemd, "02:30", "06:00:00", false)]
    [InlineData(SchedulerKind.Cron, "02:30", "", false)]
    public void A_start_that_the_clock_skips_is_told_if_the_scheduler_does_not_make_up_for_it(SchedulerKind scheduler, string at, string when, bool isSkipped)
    {
        string? note = Parse(at, when).Note(scheduler, new DateTimeOffset(2026, 3, 29, 12, 0, 0, TimeSpan.Zero), Berlin);
        Assert.Equal(isSkipped, note is not null);
        Assert.Null(Parse(at, when).Note(scheduler, DateTimeOffset.Now, TimeZoneInfo.Utc));

        // Not that of today, which is over.
        Assert.True(note is null || note.Contains("2027-03-28", StringComparison.Ordinal), note);
    }

    private static TimeZoneInfo Berlin => TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private static string NextTwo(ScheduleTrigger trigger, DateTimeOffset now, SchedulerKind scheduler, TimeZoneInfo zone)
    {
        DateTimeOffset first = trigger.Next(now, scheduler, zone);
        return string.Join(", ", new[] { first, trigger.Next(first, scheduler, zone) }.Select(time => time.UtcDateTime.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture)));
    }

    private static string NextTwoOfSystemd(ScheduleTrigger trigger, string after, string zone, Func<string, bool> isTime)
    {
        string said = Command.Run("systemd-analyze", ["calendar", "--iterations=2", $"--base-time=2026-{after}:00 UTC", SystemdScheduler.Calendar(trigger)], ("TZ", zone)).Output;
        return string.Join(", ", said.Split('\n').Where(isTime).Select(line => line.Split("2026-", 2)[1][..11]));
    }

    private static ScheduleTrigger Parse(string at, string when) => when.Contains(':', StringComparison.Ordinal) ? Schedules.Every(when, at)
        : ScheduleTrigger.Of(TimeOnly.ParseExact(at, "HH:mm"), [.. when.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<DayOfWeek>)], null);
}

/// <summary>Runs a program of the system for its answer.</summary>
internal static class Command
{
    public static (int ExitCode, string Output) Run(string program, string[] arguments, params (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }
}
