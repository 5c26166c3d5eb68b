using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Execution;

/// <summary>Processes that have left the run and carry no mark, as those of another user or those that wipe out their variables.</summary>
public sealed class StrangerTests
{
    // Programs hand open files to servers that were there before: that one holds a pipe proves nothing.
    [Theory]
    [InlineData("")]
    [InlineData("\\n")]
    public async Task A_stranger_who_holds_the_pipes_open_does_not_keep_the_run_from_ending(string lineEnd)
    {
        using ShellCli cli = Leaves("exec 3>&1 > /dev/null 2>&1 < /dev/null; cd /", $"""printf '{Result}{lineEnd}'""");
        await NotEndedAsync(cli, isNamed: true);
    }

    [Fact]
    public async Task A_stranger_whose_output_is_that_of_the_run_is_ended_with_it()
    {
        using ShellCli cli = Leaves("cd /", $"echo '{Result}'");
        await EndedAsync(cli, await cli.RunAsync());
    }

    [Fact]
    public async Task A_stranger_who_works_in_the_folder_of_the_run_is_named()
    {
        using ShellCli cli = Leaves("exec > /dev/null 2>&1 < /dev/null", $"echo '{Result}'");
        await NotEndedAsync(cli, isNamed: true);
    }

    [Fact]
    public async Task A_stranger_who_has_left_no_trace_is_left_alone()
    {
        using ShellCli cli = Leaves("exec > /dev/null 2>&1 < /dev/null; cd /", $"echo '{Result}'");
        await NotEndedAsync(cli, isNamed: false);
    }

    // Such as a process of a server that the CLI has started for the length of the run.
    [Fact]
    public async Task A_stranger_who_hung_below_the_CLI_when_the_result_came_is_ended_with_the_run()
    {
        using ShellCli cli = Leaves(
            "exec > /dev/null 2>&1 < /dev/null; cd /",
            $"echo '{Result}'; while [ ! -e \"{ShellCli.Folder}/seen\" ]; do sleep 0.01; done",
            isBelow: true);
        RunOutcome outcome = await RunOutcome.OfAsync(
            AmpClient.PlanAsync("hi", cli.Options, TestContext.Current.CancellationToken), "hi", CancellationToken.None, item => Seen(item, () => File.WriteAllText(cli.PathOf("seen"), string.Empty)))
            .WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        await EndedAsync(cli, outcome);
    }

    [Fact]
    public async Task A_stranger_who_hangs_below_the_CLI_is_ended_when_the_run_is_cancelled()
    {
        using ShellCli cli = Leaves("exec > /dev/null 2>&1 < /dev/null; cd /", "echo '{\"type\":\"system\"}'; exec sleep 2400", isBelow: true);
        using CancellationTokenSource cancel = new();
        RunOutcome outcome = await RunOutcome.OfAsync(
            AmpClient.PlanAsync("hi", cli.Options, TestContext.Current.CancellationToken), "hi", cancel.Token, item => Seen(item, cancel.Cancel))
            .WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        outcome.Canceled();
        Assert.False(ProcessProbe.IsRunning(await StrangerAsync(cli)));
    }

    [Fact]
    public async Task Who_only_works_in_the_same_folder_is_neither_ended_nor_named()
    {
        using ShellCli cli = new($"""
            echo on > "{ShellCli.Folder}/on"
            while [ ! -e "{ShellCli.Folder}/off" ]; do sleep 0.01; done
            echo '{Result}'
            """);
        Task<RunOutcome> running = cli.RunAsync();
        await FakeRun.WaitForAsync(() => File.Exists(cli.PathOf("on")), "the start of the CLI");
        ProcessStartInfo start = new("env", ["-i", "sleep", "2400"]) { WorkingDirectory = cli.Options.WorkingDirectory };
        using Process neighbour = Process.Start(start)!;
        try
        {
            await File.WriteAllTextAsync(cli.PathOf("off"), string.Empty, TestContext.Current.CancellationToken);
            RunOutcome outcome = await running;
            outcome.Succeeded("done");
            Assert.Empty(outcome.Texts(AmpEventKind.Warning));
            Assert.False(neighbour.HasExited);
        }
        finally
        {
            neighbour.Kill();
        }
    }

    // On a busy machine, a CLI that is quick can exit before it is known that it has started.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stranger_of_a_CLI_that_has_exited_already_is_found(bool hasPipe)
    {
        using ShellCli cli = Leaves(hasPipe ? "cd /" : "exec > /dev/null 2>&1 < /dev/null", string.Empty);
        long before = ProcessTable.Now;
        using Process process = Process.Start(new ProcessStartInfo(cli.Path) { WorkingDirectory = cli.Options.WorkingDirectory, RedirectStandardOutput = true })!;
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Null(ProcessTable.Find(process.Id, alsoEnded: true));
        int stranger = await StrangerAsync(cli);
        try
        {
            nint pipe = ((PipeStream)process.StandardOutput.BaseStream).SafePipeHandle.DangerousGetHandle();
            RunStrangers strangers = new(process.Id, [pipe], cli.Options.WorkingDirectory!, before);
            await strangers.KillAsync();
            Assert.Equal(!hasPipe, ProcessProbe.IsRunning(stranger));
            Assert.Equal(hasPipe, strangers.Suspects() is null);
            Assert.StartsWith(hasPipe ? string.Empty : $"{stranger} (", strangers.Suspects() ?? string.Empty, StringComparison.Ordinal);
        }
        finally
        {
            UnixSignal.SendKill(stranger);
        }
    }

    private const string Result = """{"type":"result","result":"done","session_id":"T-1"}""";

    // A CLI that starts somebody with a session of his own and no variables, who first does something.
    private static ShellCli Leaves(string first, string then, bool isBelow = false)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs setsid(1) and /proc.");
        string start = $"""env -i setsid sh -c '{first}; echo $$ > "{ShellCli.Folder}/starting"; mv "{ShellCli.Folder}/starting" "{ShellCli.Folder}/stranger"; exec sleep 2400' &""";
        return new ShellCli($"""
            {(isBelow ? start : $"({start})")}
            while [ ! -e "{ShellCli.Folder}/stranger" ]; do sleep 0.01; done
            {then}
            """);
    }

    private static void Seen(AmpEvent item, Action then)
    {
        if (item.Message is not null)
        {
            then();
        }
    }

    private static async Task<int> StrangerAsync(ShellCli cli) =>
        int.Parse(await File.ReadAllTextAsync(cli.PathOf("stranger"), TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);

    private static async Task EndedAsync(ShellCli cli, RunOutcome outcome)
    {
        outcome.Succeeded("done");
        Assert.Empty(outcome.Texts(AmpEventKind.Warning));
        Assert.False(ProcessProbe.IsRunning(await StrangerAsync(cli)));
    }

    private static async Task NotEndedAsync(ShellCli cli, bool isNamed)
    {
        RunOutcome outcome = await cli.RunAsync();
        int stranger = await StrangerAsync(cli);
        try
        {
            outcome.Succeeded("done");
            Assert.True(ProcessProbe.IsRunning(stranger));
            IReadOnlyList<string> warnings = outcome.Texts(AmpEventKind.Warning);
            Assert.Equal(isNamed ? 1 : 0, warnings.Count);
            Assert.All(warnings, warning => Assert.Contains($": {stranger} (sleep).", warning, StringComparison.Ordinal));
        }
        finally
        {
            UnixSignal.SendKill(stranger);
        }
    }

    [Fact]
    public async Task A_run_inside_a_run_carries_the_marks_of_both()
    {
        using FakeRun run = new(new FakeCliScript().Echo());
        run.Set((RunMark.VariableName, "0123456789abcdef0123456789abcdef"));
        (await run.RunAsync()).Succeeded("Echo: Say hello");
        Assert.Matches($"^0123456789abcdef0123456789abcdef,[0-9a-f]{{32}}@{Environment.ProcessId}[.][0-9]+[.][0-9]+$", run.Record.Environment[RunMark.VariableName]);
    }

    [Fact]
    public async Task What_a_run_inside_a_run_has_left_is_ended_with_the_outer_one()
    {
        using FakeRun inner = new(new FakeCliScript().Init().SpawnChild("setsid-quiet").Hang());
        string outer = Guid.NewGuid().ToString("N");
        inner.Set((RunMark.VariableName, outer));
        inner.Options = inner.Options with { CancellationGracePeriod = TimeSpan.Zero };
        using CancellationTokenSource cancel = new();
        Task<RunOutcome> running = inner.RunUntilAsync(cancel.Token);

        // The CLI may have been asked for its version and help before, by processes that are gone.
        int[] processes = [];
        await FakeRun.WaitForAsync(
            () => (processes = [.. FakeCliRecord.ReadAll(inner.Log)
                .Where(record => record.Kind == "Run" && record.ChildProcessIds.Count == 1)
                .SelectMany(record => (int[])[record.ProcessId, .. record.ChildProcessIds])]).Length == 2,
            "the child of the inner run");

        Assert.Equal(processes.Order(), MarkedProcesses.Find(outer).Order());
        await MarkedProcesses.KillAllAsync(outer);

        inner.NothingIsLeft();
        (await running).Failed<AmpProcessException>(AmpErrorId.CliTerminated);
    }
}
