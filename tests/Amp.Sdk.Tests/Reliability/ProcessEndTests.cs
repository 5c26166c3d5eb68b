using System.Diagnostics;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Reliability;

public sealed class ProcessEndTests
{
    private static ProcessIdentity Here => ProcessIdentity.Current;

    private static ProcessIdentity Dead => new(int.MaxValue, 1, Here.Space);

    [Fact]
    public async Task Between_Ctrl_C_and_the_kill_a_CLI_is_told_to_terminate()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().IgnoreSignals("INT")
            .OnSignal("TERM", steps => steps.Mark(run.Mark("told")).ErrorResult("stopped").Exit(0)).Init().Hang());
        run.Options = run.Options with { CancellationGracePeriod = TimeSpan.FromSeconds(1) };
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            await foreach (StreamMessage _ in AmpClient.ExecuteAsync("hi", run.Options, cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });
        Assert.True(File.Exists(run.Mark("told")));
        run.NothingIsLeft();
    }

    [Fact]
    public void A_process_is_told_by_its_ID_its_start_and_its_container()
    {
        Assert.False(Here.IsGone);
        Assert.True(Dead.IsGone);
        Assert.True((Here with { Start = Here.Start - 1000 }).IsGone, "The ID was given to another process.");
        Assert.False((Dead with { Space = Here.Space + 1 }).IsGone, "Of another container nothing is known.");
        Assert.Equal(Here, ProcessIdentity.Parse(Here.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.2")]
    [InlineData("-1.2.3")]
    [InlineData("1.2.3.4")]
    [InlineData("99999999999.2.3")]
    [InlineData("1.x.3")]
    public void What_names_no_process_is_none(string text) => Assert.Null(ProcessIdentity.Parse(text));

    [Fact]
    public async Task A_process_that_waits_to_be_collected_has_ended()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc.");

        // The shell becomes sleep, which never asks for the child that the shell had.
        using Process parent = Shell("sleep 0.2 & echo $!; exec sleep 2400", string.Empty);
        try
        {
            int ended = int.Parse((await parent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, null);
            await FakeRun.WaitForAsync(() => ProcessIdentity.StartOf(ended) is null, "the end of the child");
            Assert.True(Directory.Exists($"/proc/{ended}"));
            Assert.True(new ProcessIdentity(ended, 1, Here.Space).IsGone);
        }
        finally
        {
            parent.Kill();
        }
    }

    [Fact]
    public void Marks_are_read_from_the_outermost_run_on_and_what_is_none_is_passed_over()
    {
        IReadOnlyList<RunMark> marks = RunMark.ParseAll($"old,a@{Dead},,@{Here},b@1.2,c@{Here}");
        Assert.Equal([new RunMark("a", Dead), new RunMark("c", Here)], marks);
    }

    [Fact]
    public async Task What_a_dead_owner_has_left_is_ended_and_nothing_else()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc.");
        string stubborn = "trap '' TERM; echo up; while :; do sleep 0.05; done";
        string id = Guid.NewGuid().ToString("N");
        using Process orphan = Shell(stubborn, $"{id}@{Dead}");
        using Process inner = Shell(stubborn, $"{id}@{Dead},x{id}@{Here}");
        using Process owned = Shell(stubborn, $"y{id}@{Here}");
        using Process elsewhere = Shell(stubborn, $"z{id}@{Dead with { Space = Here.Space + 1 }}");
        using Process unmarked = Shell(stubborn, string.Empty);
        Process[] kept = [inner, owned, elsewhere, unmarked];
        try
        {
            foreach (Process process in (Process[])[orphan, .. kept])
            {
                await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            }

            // Another run of this machine may have been faster, which is as good.
            await OrphanSweep.RunAsync();
            await OrphanSweep.RunAsync();
            await FakeRun.WaitForAsync(() => orphan.HasExited, "the end of the orphan");
            Assert.All(kept, process => Assert.False(process.HasExited));
            AmpProcess found = Assert.Single(new ProcessClient().List(), process => process.Id == owned.Id);
            Assert.Equal(("y" + id, Environment.ProcessId, false), (found.RunId, found.OwnerId, found.IsOrphan));
            Assert.DoesNotContain(new ProcessClient().List(), process => process.Id == unmarked.Id);

            AmpProcess[] chosen = [.. new ProcessClient().List().Where(process => process.Id == owned.Id || process.Id == elsewhere.Id)];
            Assert.Empty(await new ProcessClient().StopAsync(chosen, TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken));
            await FakeRun.WaitForAsync(() => owned.HasExited && elsewhere.HasExited, "the end of those that were chosen");
            Assert.False(unmarked.HasExited);
        }
        finally
        {
            foreach (Process process in (Process[])[orphan, inner, .. kept])
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    [Fact]
    public async Task Root_gets_the_processes_of_its_own_runs_and_not_those_of_other_users()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can start a process of another user.");
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "There is no setpriv here.");
        string id = Guid.NewGuid().ToString("N");
        using Process own = Shell("echo up; exec sleep 2400", $"{id}@{Here}");
        using Process foreign = Shell("exec /usr/bin/setpriv --reuid=12345 --clear-groups sh -c 'echo up; exec sleep 2400'", $"x{id}@{Here}");
        try
        {
            Assert.Equal("up", await own.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            Assert.Equal("up", await foreign.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

            int[] listed = [.. new ProcessClient().List().Select(process => process.Id)];
            Assert.Contains(own.Id, listed);
            Assert.DoesNotContain(foreign.Id, listed);
        }
        finally
        {
            own.Kill();
            foreign.Kill();
        }
    }

    [Fact]
    public async Task A_process_that_has_the_ID_of_an_ended_one_is_not_touched()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc.");
        using Process other = Shell("echo up; exec sleep 2400", string.Empty);
        try
        {
            await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            ProcessIdentity ended = new(other.Id, ProcessIdentity.StartOf(other.Id)!.Value - 1, Here.Space);
            Assert.Empty(await OrphanSweep.EndAsync([ended], UnixSignal.SendTerminate, TimeSpan.Zero, TestContext.Current.CancellationToken));
            Assert.False(other.HasExited);
        }
        finally
        {
            other.Kill();
        }
    }

    private static Process Shell(string script, string mark)
    {
        ProcessStartInfo start = new("/bin/sh") { RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        start.Environment[RunMark.VariableName] = mark;
        return Process.Start(start)!;
    }
}
