using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ssh;

/// <summary>Tools of this process for a CLI on a host, over the connection of the run. The CLI is a fake, and the test calls the tools in its place.</summary>
public sealed class SshToolTests
{
    private const string Odd = "\"line one\nline two\ttab \u0001 \u001b[31m \\ 'quoted' $HOME `x` äöü 漢字 🎈 %s \\n\"";

    private static readonly AmpTool s_echo = new("Echo", "Gives its input back.", """{"type":"object"}""", (input, _) => Task.FromResult(new ToolResult(input)));

    [Theory]
    [InlineData(null)]
    [InlineData("bash")]
    [InlineData("busybox")]
    [InlineData("zsh")]
    public async Task The_agent_there_calls_them_in_any_order_and_size(string? shell)
    {
        using SshHost host = WithShell(shell);
        TaskCompletionSource go = new();
        using FakeRun run = Start(host, s_echo, Tool("Fail", _ => throw new InvalidOperationException("It broke.")), Tool("Wait", async _ =>
        {
            await go.Task;
            return new ToolResult("waited");
        }));
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        using (FarProgram server = FarProgram.Server(run.Record))
        {
            await server.InitializeAsync();
            JsonArray tools = (await server.AskAsync("tools/list"))["result"]!["tools"]!.AsArray();
            Assert.Equal(["Echo", "Fail", "Wait"], tools.Select(tool => (string)tool!["name"]!).Order(StringComparer.Ordinal));

            // One waits while the others are answered.
            int waiting = server.Call("Wait");
            foreach (string value in (string[])[Odd, new string('x', 1024 * 1024), "ü" + new string('漢', 100_000), ""])
            {
                string given = JsonSerializer.Serialize(value);
                server.Call("Echo", $$"""{"a":{{given}}}""");
                using JsonDocument echoed = JsonDocument.Parse(FarProgram.Text(await server.ReadAsync()));
                Assert.Equal(value, echoed.RootElement.GetProperty("a").GetString());
            }

            server.Call("Fail");
            JsonNode failed = (await server.ReadAsync())!;
            Assert.Equal((true, "It broke."), ((bool)failed["result"]!["isError"]!, FarProgram.Text(failed)));
            int[] calls = [.. Enumerable.Range(0, 20).Select(i => server.Call("Echo", $$"""{"i":{{i}}}"""))];
            List<int> answered = [];
            foreach (int _ in calls)
            {
                answered.Add((int)(await server.ReadAsync())!["id"]!);
            }

            Assert.Equal(calls, answered.Order());
            go.SetResult();
            JsonNode waited = (await server.ReadAsync())!;
            Assert.Equal((waiting, "waited"), ((int)waited["id"]!, FarProgram.Text(waited)));
            await GoAsync(run);
            (await running).Succeeded("done");
            Assert.False(ProcessProbe.IsRunning(server.ProcessId));
        }

        run.NothingIsLeft();
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task A_call_that_is_taken_back_and_one_whose_program_is_killed_are_stopped_and_the_next_is_answered()
    {
        using SshHost host = new();
        using Hanging hanging = new();
        using FakeRun run = Start(host, s_echo, hanging.Tool);
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        using (FarProgram server = FarProgram.Server(run.Record))
        {
            await server.InitializeAsync();
            int call = server.Call("Hang");
            await hanging.StartedAsync(1);
            server.Tell("notifications/cancelled", $$"""{"requestId":{{call}}}""");
            await hanging.StoppedAsync(1);
            server.Call("Hang");
            await hanging.StartedAsync(2);
            server.Kill();
            await hanging.StoppedAsync(2);
        }

        using FarProgram next = FarProgram.Server(run.Record);
        await next.InitializeAsync();
        next.Call("Echo", "{}");
        Assert.Equal("{}", FarProgram.Text(await next.ReadAsync()));
        await GoAsync(run);
        (await running).Succeeded("done");
        Assert.True(host.IsClean);
    }

    [Theory]
    [InlineData("CLI is killed")]
    [InlineData("link is cut")]
    [InlineData("run is canceled")]
    [InlineData("script is killed")]
    public async Task What_ends_the_run_stops_a_tool_that_never_returns(string how)
    {
        using SshHost host = new();
        using Hanging hanging = new();
        using FakeRun run = Start(host, every: how == "script is killed" ? 3 : 15, hanging.Tool);
        using CancellationTokenSource stop = new();
        Task<RunOutcome> running = run.RunUntilAsync(stop.Token);
        await run.MarkIsSetAsync("started");
        using FarProgram server = FarProgram.Server(run.Record);
        await server.InitializeAsync();
        server.Call("Hang");
        await hanging.StartedAsync(1);
        switch (how)
        {
            case "CLI is killed":
                SshHost.Signal(run.Record.ProcessId, "KILL");
                break;
            case "link is cut":
                host.KillConnections();
                break;
            case "script is killed":
                SshHost.Signal(int.Parse(await File.ReadAllTextAsync(Path.Combine(Assert.Single(Directory.GetDirectories(host.Temporary)), "relay.pid"), TestContext.Current.CancellationToken)), "KILL");
                break;
            default:
                await stop.CancelAsync();
                break;
        }

        RunOutcome outcome = await running;
        Assert.Equal(1, hanging.Stopped);
        switch (how)
        {
            case "CLI is killed":
                outcome.Failed<AmpProcessException>(AmpErrorId.CliTerminated);
                break;
            case "run is canceled":
                Assert.IsType<AmpCanceledException>(outcome.Error);
                break;
            default:
                outcome.Failed<AmpHostException>(AmpErrorId.HostConnectionLost);
                break;
        }

        await FakeRun.WaitForAsync(
            () => host.IsClean && !run.Processes().Append(server.ProcessId).Any(ProcessProbe.IsRunning), "the end of the run on the host");
    }

    [Fact]
    public async Task A_tool_that_minds_nothing_does_not_hold_up_the_end()
    {
        using SshHost host = new();
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource never = new();
        using FakeRun run = Start(host, Tool("Stay", async _ =>
        {
            started.SetResult();
            await never.Task;
            return new ToolResult("late");
        }));
        using CancellationTokenSource stop = new();
        Task<RunOutcome> running = run.RunUntilAsync(stop.Token);
        await run.MarkIsSetAsync("started");
        using FarProgram server = FarProgram.Server(run.Record);
        await server.InitializeAsync();
        server.Call("Stay");
        await started.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        Assert.IsType<AmpCanceledException>((await running).Error);
        Assert.True(host.IsClean);
        never.SetResult();
    }

    [Fact]
    public async Task A_client_that_sends_a_line_without_end_is_given_up_and_another_is_served()
    {
        using SshHost host = new();
        using FakeRun run = Start(host, s_echo);
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        using (FarProgram flood = FarProgram.Server(run.Record))
        {
            await flood.InitializeAsync();
            try
            {
                flood.Tell(new string('x', 9 * 1024 * 1024));
            }
            catch (IOException)
            {
                // It is not read anymore.
            }

            Assert.Null(await flood.ReadAsync());
        }

        using FarProgram server = FarProgram.Server(run.Record);
        await server.InitializeAsync();
        await GoAsync(run);
        (await running).Succeeded("done");
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task What_the_CLI_writes_to_standard_error_meanwhile_is_its_own()
    {
        using SshHost host = new();
        using FakeRun run = new();
        run.Options = run.Options with { Transport = host.Transport, Tools = [s_echo] };
        run.Follow(new FakeCliScript().Init().Mark(run.Mark("started")).Repeat(3000, script => script.Error("a line of the CLI")).WaitFor(run.Mark("go")).Result("done"));
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        using FarProgram server = FarProgram.Server(run.Record);
        await server.InitializeAsync();
        string text = new('y', 300_000);
        server.Call("Echo", $$"""{"a":"{{text}}"}""");
        Assert.Contains(text, FarProgram.Text(await server.ReadAsync()), StringComparison.Ordinal);
        await GoAsync(run);
        RunOutcome outcome = await running;
        outcome.Succeeded("done");
        Assert.All(outcome.Texts(AmpEventKind.StandardError), line => Assert.Equal("a line of the CLI", line));
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task No_secret_is_in_an_argument_and_only_the_user_reads_the_files()
    {
        using SshHost host = new();
        using FakeRun run = Start(host, s_echo);
        run.Options = run.Options with { Approval = (_, _) => Task.FromResult(ApprovalDecision.Allow) };
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        using FarProgram server = FarProgram.Server(run.Record);
        await server.InitializeAsync();
        string program = FarProgram.Asker(run.Record);
        string[] secrets = [.. (await File.ReadAllTextAsync(program, TestContext.Current.CancellationToken)).Split('\'').Where(word => word.Length == 64)];
        Assert.Equal(2, secrets.Length);
        string marker = (await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(program)!, "relay"), TestContext.Current.CancellationToken)).Split('\'')[1];
        foreach (string folder in Directory.GetDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out int id) && id != Environment.ProcessId))
        {
            string command = SshRunTests.Text($"{folder}/cmdline") + SshRunTests.Text($"{folder}/environ");
            Assert.All(secrets.Append(marker), secret => Assert.DoesNotContain(secret, command, StringComparison.Ordinal));
        }

        string place = Path.GetDirectoryName(program)!;
        Assert.Equal("700", SshHost.Run("stat", "-c", "%a", place).Trim());
        string files = SshHost.Run("find", place, "-ignore_readdir_race", "-mindepth", "1", "-perm", "/077");
        Assert.Equal(string.Empty, files);
        await GoAsync(run);
        RunOutcome outcome = await running;
        outcome.Succeeded("done");
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, outcome.Everything, StringComparison.Ordinal));
    }

    internal static AmpTool Tool(string name, Func<CancellationToken, Task<ToolResult>> work) =>
        new(name, "Does it.", """{"type":"object"}""", (_, token) => work(token));

    /// <summary>A run whose CLI waits for the mark "go".</summary>
    internal static FakeRun Start(SshHost host, params AmpTool[] tools) => Start(host, 15, tools);

    internal static FakeRun Start(SshHost host, double every, params AmpTool[] tools)
    {
        FakeRun run = new();
        run.Options = run.Options with { Transport = host.With(every: every), Tools = tools };
        run.Follow(new FakeCliScript().EndPolitely().Init().Mark(run.Mark("started")).WaitFor(run.Mark("go")).Result("done"));
        return run;
    }

    internal static Task GoAsync(FakeRun run) => File.WriteAllTextAsync(run.Mark("go"), string.Empty, TestContext.Current.CancellationToken);

    /// <summary>A host whose "sh" is this shell.</summary>
    internal static SshHost WithShell(string? shell)
    {
        string? program = shell is null ? null : Array.Find([$"/usr/bin/{shell}", $"/bin/{shell}"], File.Exists);
        Assert.SkipWhen(shell is not null && program is null, $"Requires {shell}.");
        SshHost host = new(lines: program is null ? [] : ["ForceCommand PATH=$HOME/../shells:/usr/bin:/bin exec $HOME/../shells/sh -c \"$SSH_ORIGINAL_COMMAND\""]);
        if (program is not null)
        {
            Directory.CreateDirectory(host.File("shells"));
            if (shell == "busybox")
            {
                SshHost.Run(program, "--install", "-s", host.File("shells"));
            }
            else
            {
                File.CreateSymbolicLink(Path.Combine(host.File("shells"), "sh"), program);
            }
        }

        return host;
    }

    /// <summary>A tool that ends only when it is stopped.</summary>
    internal sealed class Hanging : IDisposable
    {
        private readonly SemaphoreSlim _started = new(0);
        private readonly SemaphoreSlim _stopped = new(0);
        private int _stops;

        public Hanging() => Tool = SshToolTests.Tool("Hang", async token =>
        {
            _started.Release();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }
            finally
            {
                Interlocked.Increment(ref _stops);
                _stopped.Release();
            }

            return new ToolResult("never");
        });

        public AmpTool Tool { get; }

        public int Stopped => Volatile.Read(ref _stops);

        public async Task StartedAsync(int count) => Assert.True(await _started.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken), $"call {count}");

        public async Task StoppedAsync(int count) => Assert.True(await _stopped.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken), $"end {count}");

        public void Dispose()
        {
            _started.Dispose();
            _stopped.Dispose();
        }
    }
}
