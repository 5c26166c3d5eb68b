using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Execution;

/// <summary>Processes that hold the pipes open and carry no mark, as those of another user would.</summary>
public sealed class StrangerTests
{
    [Theory]
    [InlineData("")]
    [InlineData("\\n")]
    public async Task A_stranger_who_holds_the_pipes_open_does_not_keep_the_run_from_ending(string lineEnd)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Needs setsid(1) and /proc.");
        }

        using ShellCli cli = new($$"""
            (env -i setsid sh -c 'echo $$ > "{{ShellCli.Folder}}/stranger"; exec sleep 100' &)
            while [ ! -s "{{ShellCli.Folder}}/stranger" ]; do sleep 0.01; done
            printf '{"type":"result","result":"done","session_id":"T-1"}{{lineEnd}}'
            """);
        int stranger = 0;
        try
        {
            RunOutcome outcome = await cli.RunAsync();
            stranger = int.Parse(await File.ReadAllTextAsync(cli.PathOf("stranger"), TestContext.Current.CancellationToken), null);
            outcome.Succeeded("done");
            Assert.True(ProcessProbe.IsRunning(stranger));
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
        run.Set((RunMarker.VariableName, "0123456789abcdef0123456789abcdef"));
        (await run.RunAsync()).Succeeded("Echo: Say hello");
        Assert.Matches($"^0123456789abcdef0123456789abcdef,[0-9a-f]{{32}}@{Environment.ProcessId}[.][0-9]+[.][0-9]+$", run.Record.Environment[RunMarker.VariableName]);
    }

    [Fact]
    public async Task What_a_run_inside_a_run_has_left_is_ended_with_the_outer_one()
    {
        using FakeRun inner = new(new FakeCliScript().Init().SpawnChild("setsid-quiet").Hang());
        string outer = Guid.NewGuid().ToString("N");
        inner.Set((RunMarker.VariableName, outer));
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

        Assert.Equal(processes.Order(), RunMarker.Find(outer).Order());
        await RunMarker.KillAllAsync(outer);

        inner.NothingIsLeft();
        (await running).Failed<AmpProcessException>(AmpErrorId.CliTerminated);
    }
}
