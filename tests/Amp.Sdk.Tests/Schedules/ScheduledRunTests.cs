using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Security;
using Amp.Files;
using Amp.Processes;
using Amp.Schedules;
using Amp.Testing;

namespace Amp.Sdk.Tests.Schedules;

/// <summary>A run that a scheduler starts: one at a time, with a limit, a log, a key, and a record of its end.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ScheduledRunTests : IDisposable
{
    private const string Key = "amp-key-0123456789";

    private readonly PrivateHome _home = new();
    private readonly string _folder;

    public ScheduledRunTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The scripts are those of a shell of Unix.");
        _folder = Directory.CreateDirectory(Path.Combine(_home.Root, "schedule")).FullName;
    }

    private string Logs => Path.Combine(_folder, "logs");

    private ScheduleRecord Record => ScheduleRecord.Read(Path.Combine(_folder, ScheduleStore.RecordName))!;

    private string LastLog => File.ReadAllText(Record.Log!);

    private string[] History => File.ReadAllLines(Path.Combine(Logs, "nightly.amp-schedule.log"));

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("echo one; echo two >&2; exit 0", 0, ScheduleResult.Succeeded, 0)]
    [InlineData("echo one; echo two >&2; exit 7", 7, ScheduleResult.Failed, 7)]
    [InlineData("echo one; echo two >&2; exit 130", 130, ScheduleResult.Failed, 130)]
    [InlineData("echo one; echo two >&2; exit 137", 137, ScheduleResult.Failed, 137)]
    [InlineData("echo one; echo two >&2; exit 141", 141, ScheduleResult.Failed, 141)]
    [InlineData("echo one; echo two >&2; kill -9 $$", 137, ScheduleResult.Failed, 137)]
    public async Task A_run_keeps_what_the_script_wrote_and_how_it_ended(string script, int code, ScheduleResult result, int? exitCode)
    {
        Assert.Equal(code, await RunAsync(Define(script)));
        Assert.Equal((result, exitCode), (Record.Result, Record.ExitCode));
        Assert.NotNull(Record.End);
        Assert.Equal(["one", "two"], LastLog.Split('\n', StringSplitOptions.RemoveEmptyEntries)[..2].Order());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Record.Log!));
        Assert.Contains($" {result}", Assert.Single(History), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Logs, "nightly.amp-schedule.log")));
    }

    [Fact]
    public async Task At_its_limit_a_run_is_stopped_with_everything_that_it_started()
    {
        // A child that ignores being told to end, and has left the tree.
        string pids = Path.Combine(_home.Root, "pids");
        ScheduleDefinition definition = Define($"trap '' TERM; (trap '' TERM; sleep 1000 & echo $! >> '{pids}'; wait) & echo $$ >> '{pids}'; echo started; wait") with { TimeLimit = TimeSpan.FromSeconds(5) };
        Assert.Equal(ScheduledRun.TimedOutCode, await RunAsync(definition));
        Assert.Equal((ScheduleResult.TimedOut, (int?)null), (Record.Result, Record.ExitCode));
        Assert.Contains("time limit of 00:00:05", LastLog, StringComparison.Ordinal);
        int[] started = [.. File.ReadAllLines(pids).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
        Assert.Equal(2, started.Length);
        Assert.All(started, id => Assert.False(ProcessProbe.IsRunning(id)));
    }

    [Fact]
    public async Task A_second_run_is_skipped_and_logged()
    {
        string go = Path.Combine(_home.Root, "go");
        Task<int> first = RunAsync(Define($"echo first; while [ ! -f '{go}' ]; do sleep 0.05; done"));
        Assert.True(await Eventually.IsTrueAsync(() => File.Exists(Path.Combine(_folder, ScheduleStore.RecordName)) && LastLog.Contains("first", StringComparison.Ordinal), TimeSpan.FromMinutes(2)));
        ScheduleRecord active = Record;
        Assert.Null(active.Result);
        Assert.True(LockFile.IsHeld(Path.Combine(_folder, ScheduleStore.RunLockName)));
        Assert.Equal(ScheduledRun.SkippedCode, await RunAsync());
        Assert.Contains("Skipped: the run of ", Assert.Single(History), StringComparison.Ordinal);
        Assert.Equal(active, Record);
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        Assert.Equal(0, await first);
        Assert.False(LockFile.IsHeld(Path.Combine(_folder, ScheduleStore.RunLockName)));
        Assert.Equal(2, History.Length);
        Assert.Single(Directory.GetFiles(Logs, "nightly-*.log"));
    }

    [Fact]
    public async Task The_key_reaches_the_script_and_nothing_else()
    {
        ScheduleDefinition definition = Define("echo \"key $AMP_API_KEY\"; [ \"$AMP_API_KEY\" = " + Key + " ] || exit 9; printf '\\033[31mred\\033[0m\\n'") with { ApiKeyName = "AmpApiKey", Vault = "mine" };
        Assert.Equal(0, await RunAsync(definition, (_, _) => Secret()));
        Assert.Equal("key ***\nred\n", LastLog);
        Assert.DoesNotContain(Directory.GetFiles(_home.Root, "*", SearchOption.AllDirectories), file => file != Script && File.ReadAllText(file).Contains(Key, StringComparison.Ordinal));

        Assert.Equal(ScheduledRun.NotStartedCode, await RunAsync(definition, (_, _) => throw new AmpException("The vault is locked.", AmpErrorId.NotAuthenticated, "Unlock it.")));
        Assert.Equal((ScheduleResult.NotStarted, (int?)null), (Record.Result, Record.ExitCode));
        Assert.Contains("NotAuthenticated: The vault is locked. Unlock it.", LastLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_come_from_a_file_that_nobody_else_can_read()
    {
        string file = Path.Combine(_home.Root, "environment");
        File.WriteAllText(file, $"# comment\nAMP_API_KEY=\"{Key}\"\nNAME = a b=c \n; more\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        ScheduleDefinition definition = Define("echo \"$NAME $AMP_API_KEY $KEPT $PWD\"") with { EnvironmentFile = file, Variables = new Dictionary<string, string> { ["KEPT"] = "kept", ["NAME"] = "x", ["PATH"] = "/usr/bin:/bin" } };
        Assert.Equal(0, await RunAsync(definition));
        Assert.Equal($"a b=c *** kept {_home.Project}\n", LastLog);

        foreach (UnixFileMode mode in (UnixFileMode[])[UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.OtherWrite])
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
            AmpValidationException error = Assert.Throws<AmpValidationException>(() => EnvironmentFile.Read(file));
            Assert.Equal(("EnvironmentFile", file), (error.OptionName, error.Value));
            Assert.Equal(ScheduledRun.NotStartedCode, await RunAsync(definition));
            Assert.Contains("other users", LastLog, StringComparison.Ordinal);
        }

        foreach (string text in (string[])["AMP_API_KEY", "1A=x", "A B=x", "=x", "A-B=" + Key])
        {
            Assert.DoesNotContain(Key, Assert.Throws<AmpValidationException>(() => EnvironmentFile.Parse(text, file)).Message, StringComparison.Ordinal);
        }

        File.Delete(file);
        Assert.Throws<AmpValidationException>(() => EnvironmentFile.Read(file));
        Directory.CreateDirectory(file);
        Assert.Throws<AmpValidationException>(() => EnvironmentFile.Read(file));
    }

    [Fact]
    public async Task Only_the_newest_logs_of_this_schedule_are_kept()
    {
        Directory.CreateDirectory(Logs);
        string[] others = ["nightly-20200101T000000.txt", "nightly-notes.log", "nightly-2-20200101T000000Z.log", "other-20200101T000000Z.log", "nightly.log", "nightly-20200101T000000.log"];
        string[] old = ["nightly-20200101T000000Z.log", "nightly-20200101T000000Z-2.log", "nightly-20200101T000000Z-10.log", "nightly-20190101T000000Z.log"];
        foreach (string name in others.Concat(old))
        {
            File.WriteAllText(Path.Combine(Logs, name), "");
        }

        await RunAsync(Define("true"));
        string[] left = [.. Directory.GetFiles(Logs).Select(file => Path.GetFileName(file)!)];
        Assert.Empty(others.Except(left));
        Assert.Equal(["nightly-20200101T000000Z-2.log", "nightly-20200101T000000Z-10.log"], old.Intersect(left).OrderBy(name => name.Length));
        Assert.Equal(3, left.Count(name => name.StartsWith("nightly-2", StringComparison.Ordinal) && (name.EndsWith("Z.log", StringComparison.Ordinal) || name.Contains("Z-", StringComparison.Ordinal)) && !name.StartsWith("nightly-2-", StringComparison.Ordinal)));

        RunLogs.Remove(Define("true"), isOwnFolder: true);
        Assert.Equal(others.Order(StringComparer.Ordinal), Directory.GetFiles(Logs).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        foreach (string name in others)
        {
            File.Delete(Path.Combine(Logs, name));
        }

        RunLogs.Remove(Define("true"), isOwnFolder: false);
        Assert.True(Directory.Exists(Logs));
        RunLogs.Remove(Define("true"), isOwnFolder: true);
        Assert.False(Directory.Exists(Logs));
    }

    [Fact]
    public async Task A_script_or_a_folder_that_is_gone_is_told()
    {
        Assert.Equal(ScheduledRun.NotStartedCode, await RunAsync(Define("true") with { ScriptPath = "/nowhere/x.ps1" }));
        Assert.Contains("'/nowhere/x.ps1' does not exist", LastLog, StringComparison.Ordinal);
        Assert.Equal(ScheduledRun.NotStartedCode, await RunAsync(Define("true") with { WorkingDirectory = "/nowhere" }));
        Assert.Contains("'/nowhere' does not exist", LastLog, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, ScheduleStore.DefinitionName), "{");
        Assert.Equal(AmpErrorId.ScheduleNotFound, (await Assert.ThrowsAsync<AmpScheduleException>(() => RunAsync())).ErrorId);
    }

    [Fact]
    public async Task A_runner_that_is_told_to_end_stops_the_script()
    {
        using CancellationTokenSource stop = new();
        Task<int> run = RunAsync(Define("echo $$; exec sleep 1000"), stop: stop.Token);
        Assert.True(await Eventually.IsTrueAsync(() => File.Exists(Path.Combine(_folder, ScheduleStore.RecordName)) && LastLog.Contains('\n', StringComparison.Ordinal), TimeSpan.FromMinutes(2)));
        int id = int.Parse(LastLog, CultureInfo.InvariantCulture);
        await stop.CancelAsync();
        Assert.Equal(128, await run);
        Assert.Equal(ScheduleResult.Interrupted, Record.Result);
        Assert.False(ProcessProbe.IsRunning(id));
    }

    [Fact]
    public async Task A_run_that_could_not_start_replaces_the_result_of_the_one_before()
    {
        Assert.Equal(0, await RunAsync(Define("true")));
        DateTimeOffset before = Record.Start;

        // The folder of the logs cannot be created.
        string file = Path.Combine(_home.Root, "file");
        File.WriteAllText(file, string.Empty);
        Assert.Equal(ScheduledRun.NotStartedCode, await RunAsync(Define("true") with { LogDirectory = Path.Combine(file, "logs") }));
        Assert.Equal(ScheduleResult.NotStarted, Record.Result);
        Assert.True(Record.Start > before);
        Assert.NotNull(Record.End);
        Assert.Contains("The log cannot be created", LastLog, StringComparison.Ordinal);

        // The record cannot be written: the one before does not stay.
        Assert.Equal(0, await RunAsync(Define("true")));
        int logs = Directory.GetFiles(Logs).Length;
        File.Delete(Path.Combine(_folder, ScheduleStore.RecordName));
        Directory.CreateDirectory(Path.Combine(_folder, ScheduleStore.RecordName));
        Assert.Equal(ScheduledRun.NotStartedCode, await RunAsync(Define("true")));
        Assert.Contains("NotStarted: The record of the run cannot be written", History[^1], StringComparison.Ordinal);
        Assert.Equal(logs, Directory.GetFiles(Logs).Length);
        Directory.Delete(Path.Combine(_folder, ScheduleStore.RecordName));

        // A lock that is no file is not a lock of another run.
        File.Delete(Path.Combine(_folder, ScheduleStore.RunLockName));
        Directory.CreateDirectory(Path.Combine(_folder, ScheduleStore.RunLockName));
        Assert.Equal(ScheduledRun.NotStartedCode, await RunAsync(Define("true")));
        Assert.Equal(ScheduleResult.NotStarted, Record.Result);
    }

    [Fact]
    public async Task A_full_disk_neither_holds_the_script_nor_changes_its_exit_code()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has a device that is always full.");
        using MemoryStream output = new(System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a line of the script\n", 20_000))));
        using RunLogWriter log = new(new FileStream("/dev/full", FileMode.Open, FileAccess.Write), text => text);
        await log.CopyAsync(output);
        Assert.Equal(output.Length, output.Position);
        Assert.NotNull(log.Fault);

        // The script removes the folder, so that no record of its end can be written.
        Assert.Equal(7, await RunAsync(Define($"rm -r '{_folder}'; exit 7") with { LogDirectory = Path.Combine(_home.Root, "logs") }));
    }

    [Fact]
    public async Task A_secret_at_the_end_of_what_is_kept_of_a_line_leaves_nothing()
    {
        string start = new('x', (16 * 1024) - 4);
        Assert.Equal(
            [start + "***", start + "***", new string('x', 16 * 1024) + "…", new string('x', 16 * 1024) + "…"],
            await LinesAsync($"{start}{Key}\n{start}{Key}{Environment.NewLine}{new string('x', 16 * 1024)}{Key}\n{new string('x', 100_000)}{Key}\n"));

        // Control sequences take the room of what is kept, up to the middle of a secret.
        for (int length = 61_440 - Key.Length; length < 61_440; length += 3)
        {
            string line = Assert.Single(await LinesAsync($"visible{string.Concat(Enumerable.Repeat("\u001b[0m", (length - 7) / 4))}{new string('x', (length - 7) % 4)}{Key}{new string('y', 100)}\n"));
            Assert.DoesNotContain(Key[..4], line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ж")]
    [InlineData("日")]
    [InlineData("😀")]
    [InlineData("x")]
    public async Task A_line_that_is_cut_says_so(string character)
    {
        string text = string.Concat(Enumerable.Repeat(character, 40_000));
        Assert.Equal(text[..(16 * 1024)] + "…", Assert.Single(await LinesAsync(text)));
        Assert.Equal(text[..(16 * 1024)], Assert.Single(await LinesAsync(text[..(16 * 1024)])));
    }

    [Fact]
    public async Task A_start_while_the_schedule_is_replaced_runs_the_new_one()
    {
        string old = Path.Combine(_home.Root, "old");
        ScheduleDefinition before = Define($"touch '{old}'");
        File.WriteAllText(Path.Combine(_folder, ScheduleStore.DefinitionName), before.ToJson());
        TaskCompletionSource<int> end = new();
        using (LockFile.Take(Path.Combine(_folder, ScheduleStore.RunLockName)))
        {
            // It waits for the lock in its thread.
            Thread run = new(() => RunAsync().ContinueWith(task => end.TrySetResult(task.Result), TaskScheduler.Default));
            run.Start();
            Assert.True(await Eventually.IsTrueAsync(() => run.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin), TimeSpan.FromMinutes(2)));
            string script = Path.Combine(_home.Root, "new.sh");
            File.WriteAllText(script, "exit 5");
            File.WriteAllText(Path.Combine(_folder, ScheduleStore.DefinitionName), (before with { Command = ["/bin/sh", script], ScriptPath = script }).ToJson());
        }

        Assert.Equal(5, await end.Task);
        Assert.False(File.Exists(old));
    }

    [Fact]
    public async Task A_vault_that_does_not_answer_is_stopped_at_the_limit()
    {
        ScheduleDefinition definition = Define("echo started") with { ApiKeyName = "AmpApiKey", TimeLimit = TimeSpan.FromSeconds(1) };
        Assert.Equal(ScheduledRun.TimedOutCode, await RunAsync(definition, (_, limit) =>
        {
            limit.WaitHandle.WaitOne();
            throw new OperationCanceledException(limit);
        }));
        Assert.Equal(ScheduleResult.TimedOut, Record.Result);
        Assert.DoesNotContain("started", LastLog, StringComparison.Ordinal);
        Assert.Contains("time limit of 00:00:01", LastLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_runner_that_was_killed_left_at_work_has_ended_before_the_next_start()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux shows the variables of processes.");
        Process[] left = await LeaveAtWorkAsync();
        try
        {
            ScheduleDefinition next = Define(
                $"for id in {left[0].Id} {left[1].Id}; do case $(cut -d ' ' -f 3 /proc/$id/stat 2>/dev/null) in ''|Z|X) ;; *) exit 9 ;; esac; done");

            // A search of another test that has just ended may have come too early, and counts for this one.
            int code = await RunAsync(next);
            Assert.Equal(0, code == 9 ? await RunAsync() : code);
        }
        finally
        {
            Array.ForEach(left, process => process.Kill());
        }
    }

    [Fact]
    public async Task What_a_runner_that_was_killed_left_at_work_has_ended_with_its_schedule()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux shows the variables of processes.");
        using ScheduleUser user = new();
        ScheduleDefinition definition = user.Define("nightly", SchedulerKind.Cron);
        await user.RegisterAsync(definition);
        Process[] left = await LeaveAtWorkAsync();
        try
        {
            await user.RegisterAsync(definition, replace: true);
            await user.Store.UnregisterAsync("nightly", removeLogs: false, TestContext.Current.CancellationToken);
            Assert.All(left, process => Assert.False(ProcessProbe.IsRunning(process.Id)));
        }
        finally
        {
            Array.ForEach(left, process => process.Kill());
        }
    }

    private string Script => Path.Combine(_home.Root, "script.sh");

    // A script whose runner is gone, and the agent that it started. Neither ends when it is asked to.
    private static async Task<Process[]> LeaveAtWorkAsync()
    {
        string run = Guid.NewGuid().ToString("N");
        ProcessIdentity runner = ProcessIdentity.Current with { Start = 1 };
        string mark = $"{run}@{runner}";
        Process script = await StartAsync(mark);
        ProcessIdentity owner = new(script.Id, ProcessIdentity.StartOf(script.Id) ?? 0, ProcessIdentity.Current.Space);
        return [script, await StartAsync($"{mark},x{run}@{owner}")];

        static async Task<Process> StartAsync(string mark)
        {
            ProcessStartInfo start = new("/bin/sh", ["-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"]) { RedirectStandardOutput = true };
            start.Environment[RunMark.VariableName] = mark;
            Process process = Process.Start(start)!;
            await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            return process;
        }
    }

    private static SecureString Secret()
    {
        SecureString secret = new();
        foreach (char c in Key)
        {
            secret.AppendChar(c);
        }

        return secret;
    }

    private async Task<string[]> LinesAsync(string output)
    {
        string path = Path.Combine(_home.Root, "lines");
        using (RunLogWriter log = new(new FileStream(path, FileMode.Create), text => text.Replace(Key, "***", StringComparison.Ordinal)))
        {
            using MemoryStream stream = new(System.Text.Encoding.UTF8.GetBytes(output));
            await log.CopyAsync(stream);
        }

        return await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
    }

    private ScheduleDefinition Define(string script)
    {
        File.WriteAllText(Script, script);
        return Schedules.Of(folder: _folder, command: ["/bin/sh", Script]) with { ScriptPath = Script, WorkingDirectory = _home.Project };
    }

    private Task<int> RunAsync(ScheduleDefinition? definition = null, Func<ScheduleDefinition, CancellationToken, SecureString?>? readKey = null, CancellationToken? stop = null)
    {
        if (definition is not null)
        {
            File.WriteAllText(Path.Combine(_folder, ScheduleStore.DefinitionName), definition.ToJson());
        }

        return new ScheduledRun(_folder, [], readKey ?? ((_, _) => null)).RunAsync(stop ?? TestContext.Current.CancellationToken);
    }
}
