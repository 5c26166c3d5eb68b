using System.Runtime.Versioning;
using Amp.Schedules;

namespace Amp.Sdk.Tests.Schedules;

/// <summary>
/// When a crontab is written. The real cron of Debian never sees a change that follows its look at the crontabs in the same second, after another change: a script
/// that registers several schedules as a minute begins would leave some that never start.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class CrontabChangeTests
{
    private const string Mine = "5 4 * * * mine\n";

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 9)]
    [InlineData(1, 59, 0)]
    [InlineData(1, 50, 70)]
    [InlineData(0, 30)]
    [InlineData(0, 59)]
    public async Task A_change_while_cron_may_look_is_made_again_in_a_later_second(int again, params int[] seconds)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new();
        File.WriteAllText(user.Crontab, Mine);
        user.AddLater("1 1 * * * other\n");
        ScheduleDefinition definition = user.Define("nightly", SchedulerKind.Cron);
        CronScheduler cron = new(new SchedulerProgram(user.Environment, "/"), new SecondsOfMinute(seconds));

        await cron.RegisterAsync(definition, TestContext.Current.CancellationToken);
        Assert.Equal(1 + again, user.CrontabWrites.Length);
        Assert.Distinct(user.CrontabWrites);
        Assert.Equal(Mine + CronScheduler.Lines(definition) + "1 1 * * * other\n", File.ReadAllText(user.Crontab));

        await cron.UnregisterAsync(definition, TestContext.Current.CancellationToken);
        Assert.Equal(2 * (1 + again), user.CrontabWrites.Length);
        Assert.Equal(Mine + "1 1 * * * other\n", File.ReadAllText(user.Crontab));
    }

    /// <summary>A clock at the given seconds after a minute began, in turn, with the fraction of the real one.</summary>
    private sealed class SecondsOfMinute(int[] seconds) : TimeProvider
    {
        private static readonly DateTimeOffset s_minute = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);
        private int _asked;

        public override DateTimeOffset GetUtcNow() => s_minute.AddSeconds(seconds[_asked++ % seconds.Length]).AddMilliseconds(DateTimeOffset.UtcNow.Millisecond);
    }
}
