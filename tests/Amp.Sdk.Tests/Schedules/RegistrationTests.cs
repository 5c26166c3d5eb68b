using System.Runtime.Versioning;
using System.Text;
using Amp.Files;
using Amp.Processes;
using Amp.Schedules;

namespace Amp.Sdk.Tests.Schedules;

/// <summary>A registration happens completely or not at all, and removing one removes all of it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RegistrationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, SchedulerKind.Systemd)]
    [InlineData(false, SchedulerKind.Cron)]
    public async Task Systemd_is_chosen_where_one_of_the_user_answers_and_cron_elsewhere(bool hasSystemd, SchedulerKind expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has both.");
        using ScheduleUser user = new(hasSystemd);
        Assert.Equal(expected, (await user.Store.ChooseAsync(null, Token)).Kind);
        Assert.Equal("Scheduler", (await Assert.ThrowsAsync<AmpValidationException>(() => user.Store.ChooseAsync(SchedulerKind.Launchd, Token))).OptionName);

        user.Environment["PATH"] = "/nowhere";
        Assert.Equal(AmpErrorId.SchedulerFailed, (await Assert.ThrowsAsync<AmpScheduleException>(() => new ScheduleStore(user.Environment).ChooseAsync(null, Token))).ErrorId);
    }

    [Theory]
    [InlineData(SchedulerKind.Systemd)]
    [InlineData(SchedulerKind.Cron)]
    public async Task A_schedule_is_registered_shown_replaced_and_removed(SchedulerKind scheduler)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new(hasSystemd: true);
        const string Mine = "# mine\n5 4 * * * true \xff%\n";
        File.WriteAllBytes(user.Crontab, Encoding.Latin1.GetBytes(Mine));
        string[] before = user.Files;

        ScheduleDefinition definition = user.Define("nightly", scheduler);
        Assert.True(await user.RegisterAsync(definition));
        AmpSchedule shown = await user.Store.ShowAsync(Assert.Single(user.Store.List()), Token);
        Assert.Equal(("nightly", scheduler, ScheduleState.Ready, "Daily at 03:10"), (shown.Name, shown.Scheduler, shown.State, shown.Trigger));
        Assert.Equal("03:10", shown.NextRunTime!.Value.ToString("HH:mm", null));
        Assert.True(shown.NextRunTime > DateTimeOffset.Now);
        Assert.Null(shown.LastRunTime);
        Assert.Null(shown.LastResult);
        Assert.Equal(scheduler == SchedulerKind.Systemd ? 2 : 0, shown.SchedulerFile.Count);
        Assert.All(shown.SchedulerFile, file => Assert.True(File.Exists(file)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Mode(shown.Folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Mode(shown.RunnerPath));
        if (scheduler == SchedulerKind.Systemd)
        {
            Assert.Equal(["--user daemon-reload", "--user enable amp-nightly.timer", "--user restart amp-nightly.timer"], user.SystemctlCalls[^3..]);
        }
        else
        {
            Assert.Equal(Mine + CronScheduler.Lines(definition), Encoding.Latin1.GetString(File.ReadAllBytes(user.Crontab)));
        }

        // The same again changes nothing; another one must be wanted.
        string[] files = user.Files;
        int calls = user.SystemctlCalls.Length;
        Assert.False(await user.RegisterAsync(definition with { Variables = new Dictionary<string, string> { ["PATH"] = "/other" } }));
        Assert.Equal(calls, user.SystemctlCalls.Length);
        AmpScheduleException exists = await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(user.Define("nightly", scheduler, "04:00")));
        Assert.Equal((AmpErrorId.ScheduleExists, "nightly"), (exists.ErrorId, exists.ScheduleName));
        Assert.Equal(AmpErrorId.ScheduleExists, (await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(user.Define("Nightly", scheduler), replace: true))).ErrorId);
        Assert.Equal("Daily at 03:10", Assert.Single(user.Store.List()).Trigger.ToString());
        Assert.True(await user.RegisterAsync(user.Define("nightly", scheduler, "04:00"), replace: true));
        Assert.Equal("Daily at 04:00", Assert.Single(user.Store.List()).Trigger.ToString());
        Assert.Equal(files, user.Files);

        await user.Store.UnregisterAsync("nightly", removeLogs: false, Token);
        Assert.Equal(before, user.Files);
        Assert.Equal(Mine, Encoding.Latin1.GetString(File.ReadAllBytes(user.Crontab)));
        Assert.Equal(AmpErrorId.ScheduleNotFound, (await Assert.ThrowsAsync<AmpScheduleException>(() => user.Store.UnregisterAsync("nightly", false, Token))).ErrorId);
    }

    [Theory]
    [InlineData("daemon-reload", SchedulerKind.Systemd)]
    [InlineData("enable", SchedulerKind.Systemd)]
    [InlineData("restart", SchedulerKind.Systemd)]
    [InlineData("any", SchedulerKind.Cron)]
    public async Task A_scheduler_that_refuses_leaves_everything_as_it_was(string refused, SchedulerKind scheduler)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new(hasSystemd: true);
        string[] before = user.Files;
        user.Refuse(refused);
        AmpScheduleException error = await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(user.Define("nightly", scheduler)));
        Assert.Equal(AmpErrorId.SchedulerFailed, error.ErrorId);
        Assert.Contains(scheduler == SchedulerKind.Cron ? "bad minute" : $"Failed to {refused}", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, user.Files);
        Assert.Equal([".lock"], Directory.GetFileSystemEntries(user.Store.Root).Select(Path.GetFileName));
        Assert.False(Directory.Exists(Path.Combine(user.Environment["XDG_CONFIG_HOME"], "systemd")));

        user.Refuse(null);
        await user.RegisterAsync(user.Define("nightly", scheduler));
        Dictionary<string, string> contents = Contents(user);
        user.Refuse(refused);
        await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(user.Define("nightly", scheduler, "04:00"), replace: true));
        Assert.Equal(contents, Contents(user));
        Assert.Equal("Daily at 03:10", Assert.Single(user.Store.List()).Trigger.ToString());
    }

    [Fact]
    public async Task What_no_schedule_has_created_is_neither_replaced_nor_removed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new(hasSystemd: true);
        string unit = Path.Combine(Directory.CreateDirectory(Path.Combine(user.Environment["XDG_CONFIG_HOME"], "systemd", "user")).FullName, "amp-nightly.service");
        File.WriteAllText(unit, "[Service]\nExecStart=/bin/true\n");
        string[] before = user.Files;
        AmpScheduleException error = await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(user.Define("nightly", SchedulerKind.Systemd), replace: true));
        Assert.Equal(AmpErrorId.ScheduleExists, error.ErrorId);
        Assert.Contains(unit, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, user.Files);
        Assert.Equal("[Service]\nExecStart=/bin/true\n", File.ReadAllText(unit));

        File.Delete(unit);
        await user.RegisterAsync(user.Define("nightly", SchedulerKind.Systemd));
        File.WriteAllText(unit, "[Service]\nExecStart=/bin/true\n");
        Assert.Equal(AmpErrorId.ScheduleExists, (await Assert.ThrowsAsync<AmpScheduleException>(() => user.Store.UnregisterAsync("nightly", false, Token))).ErrorId);
        Assert.Equal("[Service]\nExecStart=/bin/true\n", File.ReadAllText(unit));
        Assert.Single(user.Store.List());
    }

    [Fact]
    public async Task A_schedule_moves_to_another_scheduler()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new(hasSystemd: true);
        await user.RegisterAsync(user.Define("nightly", SchedulerKind.Systemd));
        await user.RegisterAsync(user.Define("nightly", SchedulerKind.Cron), replace: true);
        Assert.Equal(SchedulerKind.Cron, Assert.Single(user.Store.List()).Scheduler);
        Assert.DoesNotContain(user.Files, file => file.Contains("amp-nightly", StringComparison.Ordinal));
        Assert.Contains("--user disable --now amp-nightly.timer", user.SystemctlCalls);
        await user.Store.UnregisterAsync("nightly", removeLogs: true, Token);
        Assert.Empty(user.Files);
    }

    [Fact]
    public async Task Registrations_at_once_each_have_their_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new();
        string[] names = [.. Enumerable.Range(0, 6).Select(number => $"n{number}")];
        await Task.WhenAll(names.Select(name => Task.Run(() => user.RegisterAsync(user.Define(name, SchedulerKind.Cron)))));
        Assert.Equal(names, user.Store.List().Select(schedule => schedule.Name));
        Assert.All(user.Store.List(), schedule => Assert.Equal(ScheduleState.Ready, user.Store.ShowAsync(schedule, Token).GetAwaiter().GetResult().State));
        await Task.WhenAll(names.Select(name => Task.Run(() => user.Store.UnregisterAsync(name, true, Token))));
        Assert.Empty(user.Files);
    }

    [Fact]
    public async Task The_state_is_what_the_scheduler_says()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new();
        ScheduleDefinition definition = user.Define("nightly", SchedulerKind.Cron);
        await user.RegisterAsync(definition);
        File.WriteAllText(user.Crontab, File.ReadAllText(user.Crontab).Replace("\n10 3", "\n#10 3", StringComparison.Ordinal));
        AmpSchedule disabled = await user.Store.ShowAsync(definition, Token);
        Assert.Equal((ScheduleState.Disabled, (DateTimeOffset?)null), (disabled.State, disabled.NextRunTime));
        File.Delete(user.Crontab);
        Assert.Equal(ScheduleState.Missing, (await user.Store.ShowAsync(definition, Token)).State);

        // Registered again as it was, it is there again.
        Assert.Equal(AmpErrorId.ScheduleExists, (await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(definition))).ErrorId);
        Assert.True(await user.RegisterAsync(definition, replace: true));

        // A run is active as long as its lock is held, whoever has the ID of its process by now.
        string record = Path.Combine(user.Store.FolderOf("nightly"), ScheduleStore.RecordName);
        new ScheduleRecord(DateTimeOffset.Now, ProcessIdentity.Current, null).Write(record);
        using (LockFile.Take(Path.Combine(user.Store.FolderOf("nightly"), ScheduleStore.RunLockName)))
        {
            AmpSchedule running = await user.Store.ShowAsync(definition, Token);
            Assert.Equal((ScheduleState.Running, (ScheduleResult?)null), (running.State, running.LastResult));
            Dictionary<string, string> contents = Contents(user, ScheduleStore.RunLockName);
            AmpScheduleException active = await Assert.ThrowsAsync<AmpScheduleException>(() => user.Store.UnregisterAsync("nightly", false, Token));
            Assert.Equal(AmpErrorId.ScheduleActive, active.ErrorId);
            Assert.Contains($"'kill {Environment.ProcessId}'", active.RecommendedAction, StringComparison.Ordinal);
            Assert.Equal(AmpErrorId.ScheduleActive, (await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(user.Define("nightly", SchedulerKind.Cron, "05:00"), replace: true))).ErrorId);
            Assert.Equal(contents, Contents(user, ScheduleStore.RunLockName));

            // A process that has exited is not named: another one may have its ID.
            new ScheduleRecord(DateTimeOffset.Now, ProcessIdentity.Current with { Start = 1 }, null).Write(record);
            Assert.DoesNotContain("kill", (await Assert.ThrowsAsync<AmpScheduleException>(() => user.Store.UnregisterAsync("nightly", false, Token))).RecommendedAction, StringComparison.Ordinal);
        }

        AmpSchedule killed = await user.Store.ShowAsync(definition, Token);
        Assert.Equal((ScheduleState.Ready, ScheduleResult.Interrupted), (killed.State, killed.LastResult));
        Assert.Null(killed.LastExitCode);

        // The scheduler would start a program that is gone.
        File.Delete(Path.Combine(user.Store.FolderOf("nightly"), ScheduleStore.RunnerName));
        AmpSchedule broken = await user.Store.ShowAsync(definition, Token);
        Assert.Equal((ScheduleState.Broken, (DateTimeOffset?)null), (broken.State, broken.NextRunTime));
    }

    [Fact]
    public async Task Who_asks_whether_a_run_is_active_is_taken_for_none_and_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new();
        ScheduleDefinition definition = user.Define("nightly", SchedulerKind.Cron);
        await user.RegisterAsync(definition);
        string path = Path.Combine(user.Store.FolderOf("nightly"), ScheduleStore.RunLockName);
        Task removed;
        await using (FileStream probe = new(path, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            Assert.Equal(ScheduleState.Ready, (await user.Store.ShowAsync(definition, Token)).State);
            removed = user.Store.UnregisterAsync("nightly", removeLogs: false, Token);
            Assert.False(removed.IsCompleted);
        }

        await removed;
        Assert.Empty(user.Store.List());
    }

    [Fact]
    public async Task A_timer_that_is_replaced_makes_up_for_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new(hasSystemd: true);
        await user.RegisterAsync(user.Define("nightly", SchedulerKind.Systemd));
        string stamp = Path.Combine(Directory.CreateDirectory(Path.Combine(user.Environment["XDG_DATA_HOME"], "systemd", "timers")).FullName, "stamp-amp-nightly.timer");
        File.WriteAllText(stamp, string.Empty);
        await user.RegisterAsync(user.Define("nightly", SchedulerKind.Systemd, "04:00"), replace: true);
        Assert.DoesNotContain("made up for", user.SystemctlCalls);
        Assert.False(File.Exists(stamp));
    }

    [Fact]
    public async Task An_agent_is_replaced_when_the_previous_one_is_gone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new();
        await user.RegisterAsync(user.Define("nightly", SchedulerKind.Launchd));
        await user.RegisterAsync(user.Define("nightly", SchedulerKind.Launchd, "04:00"), replace: true);
        string[] calls = File.ReadAllLines(Path.Combine(user.Home, "launchctl.calls"));
        Assert.Equal(["bootstrap", "bootout", "bootstrap"], calls.Where(call => call != "print"));
        using (LockFile.Take(Path.Combine(user.Store.FolderOf("nightly"), ScheduleStore.RunLockName)))
        {
            Assert.Equal(AmpErrorId.ScheduleActive, (await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(user.Define("nightly", SchedulerKind.Launchd), replace: true))).ErrorId);
        }

        Assert.Equal(calls, File.ReadAllLines(Path.Combine(user.Home, "launchctl.calls")));
    }

    [Theory]
    [InlineData(36, true)]
    [InlineData(3, true)]
    [InlineData(5, false)]
    public async Task An_agent_whose_process_still_has_to_exit_is_waited_for(int code, bool isGoing)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new();
        await user.RegisterAsync(user.Define("nightly", SchedulerKind.Launchd));
        File.WriteAllText(Path.Combine(user.Home, "bootout"), $"{code}");
        Task removed = user.Store.UnregisterAsync("nightly", removeLogs: true, Token);
        if (isGoing)
        {
            await removed;
            Assert.False(File.Exists(Path.Combine(user.Home, "agent")));
        }
        else
        {
            Assert.Equal(AmpErrorId.SchedulerFailed, (await Assert.ThrowsAsync<AmpScheduleException>(() => removed)).ErrorId);
        }

        Assert.Equal(!isGoing, user.Store.List().Count > 0);
    }

    [Theory]
    [InlineData("a--b")]
    [InlineData("a---b")]
    [InlineData("a----")]
    public async Task An_agent_whose_name_no_comment_can_contain_is_removed(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new();
        await user.RegisterAsync(user.Define(name, SchedulerKind.Launchd));
        Assert.True(await user.RegisterAsync(user.Define(name, SchedulerKind.Launchd, "04:00"), replace: true));
        string agent = Assert.Single(Assert.Single(user.Store.List()).SchedulerFiles);
        await user.Store.UnregisterAsync(name, removeLogs: true, Token);
        Assert.False(File.Exists(agent));
        Assert.Empty(user.Store.List());
    }

    [Theory]
    [InlineData("inactive")]
    [InlineData("failed")]
    public async Task A_timer_that_does_not_wait_for_its_time_is_not_ready(string state)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new(hasSystemd: true);
        ScheduleDefinition definition = user.Define("nightly", SchedulerKind.Systemd);
        await user.RegisterAsync(definition);
        string answer = Path.Combine(user.Home, "timer");
        File.WriteAllText(answer, state);
        AmpSchedule stopped = await user.Store.ShowAsync(definition, Token);
        Assert.Equal((ScheduleState.Disabled, (DateTimeOffset?)null), (stopped.State, stopped.NextRunTime));
        Assert.Equal(AmpErrorId.ScheduleExists, (await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(definition))).ErrorId);
        Assert.True(await user.RegisterAsync(definition, replace: true));
        Assert.Equal("--user restart amp-nightly.timer", user.SystemctlCalls[^1]);
        File.Delete(answer);
        Assert.Equal(ScheduleState.Ready, (await user.Store.ShowAsync(definition, Token)).State);
        Assert.False(await user.RegisterAsync(definition));
    }

    [Theory]
    [InlineData(SchedulerKind.Systemd)]
    [InlineData(SchedulerKind.Cron)]
    public async Task What_was_changed_in_the_scheduler_is_not_the_same_anymore(SchedulerKind scheduler)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new(hasSystemd: true);
        ScheduleDefinition definition = user.Define("nightly", scheduler);
        await user.RegisterAsync(definition);
        string file = scheduler == SchedulerKind.Cron ? user.Crontab : Path.Combine(user.Environment["XDG_CONFIG_HOME"], "systemd", "user", "amp-nightly.timer");
        string before = File.ReadAllText(file);
        string changed = before.Replace(scheduler == SchedulerKind.Cron ? "10 3 " : "03:10", scheduler == SchedulerKind.Cron ? "10 4 " : "04:10", StringComparison.Ordinal);
        Assert.NotEqual(before, changed);
        File.WriteAllText(file, changed);
        Assert.Equal(AmpErrorId.ScheduleExists, (await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(definition))).ErrorId);
        Assert.True(await user.RegisterAsync(definition, replace: true));
        Assert.Equal(before, File.ReadAllText(file));
        Assert.False(await user.RegisterAsync(definition));
    }

    [Fact]
    public async Task A_crontab_that_cannot_be_read_or_has_another_time_zone_is_not_replaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-ins are scripts of Linux.");
        using ScheduleUser user = new();
        string[] before = user.Files;
        File.WriteAllText(Path.Combine(user.Home, "silent"), string.Empty);
        Assert.Equal(AmpErrorId.SchedulerFailed, (await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(user.Define("nightly", SchedulerKind.Cron)))).ErrorId);
        File.Delete(Path.Combine(user.Home, "silent"));
        Assert.Equal(before, user.Files);

        const string Other = "CRON_TZ = Asia/Tokyo\n1 1 * * * true\n";
        File.WriteAllText(user.Crontab, Other);
        AmpScheduleException error = await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(user.Define("nightly", SchedulerKind.Cron)));
        Assert.Contains("CRON_TZ = Asia/Tokyo", error.Message, StringComparison.Ordinal);
        Assert.Equal(Other, File.ReadAllText(user.Crontab));
        Assert.Empty(user.Store.List());
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_told_at_once()
    {
        using ScheduleUser user = new();
        Directory.CreateDirectory(Path.Combine(user.Store.Root, ".lock"));
        AmpScheduleException error = await Assert.ThrowsAsync<AmpScheduleException>(() => user.RegisterAsync(user.Define("nightly", SchedulerKind.Cron)).WaitAsync(TimeSpan.FromSeconds(50), Token));
        Assert.Equal(AmpErrorId.SchedulerFailed, error.ErrorId);
    }

    // Whether a timer is on is asked for below.
    private static Dictionary<string, string> Contents(ScheduleUser user, string? except = null) => user.Files
        .Where(file => !file.Contains("/on-", StringComparison.Ordinal) && Path.GetFileName(file) != except)
        .ToDictionary(file => file, file => File.ReadAllText(Path.Combine(user.Home, file)));

    private static UnixFileMode Mode(string path) => File.GetUnixFileMode(path);
}
