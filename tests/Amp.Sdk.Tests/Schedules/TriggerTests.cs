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
        DateTimeOffset first = trigger.Next(now, TimeZoneInfo.Utc);
        Assert.Equal(next, string.Join(", ", new[] { first, trigger.Next(first, TimeZoneInfo.Utc) }.Select(time => time.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void Systemd_reads_the_times_as_they_are_meant()
    {
        Assert.SkipWhen(Schedules.Lack("systemd-analyze") is not null, Schedules.Lack("systemd-analyze") ?? "");
        foreach (object?[] row in Triggers.Select(row => ((ITheoryDataRow)row).GetData()))
        {
            ScheduleTrigger trigger = Parse((string)row[0]!, (string)row[1]!);
            string said = Command.Run("systemd-analyze", ["calendar", "--iterations=2", "--base-time=2026-07-01 12:00:00 UTC", SystemdScheduler.Calendar(trigger)], ("TZ", "UTC")).Output;
            string[] times = [.. said.Split('\n').Where(line => line.Contains("Next elapse", StringComparison.Ordinal) || line.Contains("Iter. #", StringComparison.Ordinal) || line.Contains("Iteration #", StringComparison.Ordinal))
                .Select(line => line.Split("2026-", 2)[1][..11])];
            Assert.Equal((string)row[5]!, string.Join(", ", times));
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

    [Fact]
    public void The_next_start_keeps_local_time_over_a_change_of_the_clock()
    {
        TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        ScheduleTrigger trigger = Schedules.Daily("02:30");

        // On 2026-03-29, the clock goes from 02:00 to 03:00.
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 3, 30, 0, TimeSpan.FromHours(2)), trigger.Next(new DateTimeOffset(2026, 3, 28, 12, 0, 0, TimeSpan.FromHours(1)), zone));
        Assert.Equal(new DateTimeOffset(2026, 3, 30, 2, 30, 0, TimeSpan.FromHours(2)), trigger.Next(new DateTimeOffset(2026, 3, 29, 12, 0, 0, TimeSpan.FromHours(2)), zone));
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
