using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Ssh;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ssh;

/// <summary>The SSH client of this machine: one that ends early, one that waits, an old one, and what a terminal sends to it.</summary>
public sealed class SshClientTests
{
    [Fact]
    public async Task A_client_that_ends_at_once_is_told_and_leaves_nothing()
    {
        using SshHost host = new();
        string client = host.Program("ssh", $"printf '%s\\n' \"$$\" \"$@\" >{host.File("given")}; echo broken >&2; exit 1\n");
        AmpHostException error = await FailsAsync(host.With(client: client), AmpErrorId.HostShellMissing);
        Assert.Contains("broken", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.GetDirectoryName(Given(host, "-E"))));
        Assert.False(ProcessProbe.IsRunning(int.Parse(Lines(host)[0], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_ended_at_the_time_limit()
    {
        using SshHost host = new();
        string client = host.Program("ssh", $"printf '%s\\n' \"$$\" \"$@\" >{host.File("given")}; exec sleep 1000\n");
        AmpHostException error = await Assert.ThrowsAsync<AmpHostException>(() => AmpClient.RunAsync(
            "x",
            new AmpOptions { Transport = host.With(client: client, connect: 10), WorkingDirectory = "/" + new string('x', 300_000) },
            TestContext.Current.CancellationToken));
        Assert.Equal(AmpErrorId.HostUnreachable, error.ErrorId);
        Assert.False(Directory.Exists(Path.GetDirectoryName(Given(host, "-E"))));
        Assert.False(ProcessProbe.IsRunning(int.Parse(Lines(host)[0], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task An_old_client_is_not_given_options_that_it_does_not_know()
    {
        using SshHost host = new();
        string client = host.Program(
            "ssh",
            $$"""
            echo start >>{{host.File("starts")}}
            for x; do
              case $x in ForkAfterAuthentication=* | StdinNull=* | SessionType=*) echo "command-line: line 0: Bad configuration option: ${x%%=*}" >&2; exit 255 ;; esac
            done
            exec ssh "$@"

            """);
        for (int i = 0; i < 2; i++)
        {
            using FakeRun run = new(new FakeCliScript().Echo());
            run.Options = run.Options with { Transport = host.With(client: client) };
            (await run.RunAsync()).Succeeded("Echo: Say hello");
        }

        Assert.Equal(3, (await File.ReadAllLinesAsync(host.File("starts"), TestContext.Current.CancellationToken)).Length);
    }

    /// <summary>The client gets the prompt, the settings and the key. It has the search path of its caller.</summary>
    [Fact]
    public async Task No_program_of_the_search_path_comes_before_the_client()
    {
        using SshHost host = new();
        string client = host.Program("ssh", $"printf '%s' \"$PATH\" >{host.File("given")}\n");
        Directory.CreateDirectory(host.File("planted"));
        foreach (string name in (string[])["setsid", "perl"])
        {
            host.Program($"planted/{name}", $"touch {host.File("taken")}\n");
        }

        ProcessCommand command = SshArguments.Command(host.With(client: client), host.File("log"), "true");
        string path = $"{host.File("planted")}:{command.Environment["PATH"]}";
        await using (ChildProcess child = ChildProcess.Start(command with { Environment = new Dictionary<string, string>(command.Environment) { ["PATH"] = path } }))
        {
            await child.Exited.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        }

        Assert.Equal(path, await File.ReadAllTextAsync(host.File("given"), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(host.File("taken")));
    }

    [Fact]
    public async Task A_terminal_does_not_reach_the_client()
    {
        using SshHost host = new();
        using FakeRun run = SshRunTests.On(host, new FakeCliScript());
        run.Follow(new FakeCliScript().Init().Mark(run.Mark("started")).WaitFor(run.Mark("go")).Result("done"));
        int? client = null;
        Task<ResultMessage?> running = Task.Run(async () =>
        {
            ResultMessage? result = null;
            await foreach (AmpEvent item in AmpClient.StreamAsync(await run.PlanAsync()))
            {
                client = item.Start?.ProcessId ?? client;
                result = item.Message as ResultMessage ?? result;
            }

            return result;
        });
        await run.MarkIsSetAsync("started");
        string[] state = (await File.ReadAllTextAsync($"/proc/{client}/stat", TestContext.Current.CancellationToken)).Split(") ")[1].Split(' ');
        Assert.Equal(("0", $"{client}"), (state[4], state[3]));
        SshHost.Signal(client!.Value, "INT");
        await File.WriteAllTextAsync(run.Mark("go"), string.Empty, TestContext.Current.CancellationToken);
        Assert.Equal("done", (await running)!.Result);
        run.NothingIsLeft();
        Assert.True(host.IsClean);
    }

    /// <summary>The host must not take what comes after a cancellation for the rest of what was being sent.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_can_be_canceled_while_its_prompt_is_sent(bool movesOn)
    {
        using SshHost host = new();
        using FakeRun run = new();
        run.Follow(new FakeCliScript().EndPolitely().Init().Mark(run.Mark("started")).Hang());
        run.Options = run.Options with { Transport = host.With(client: Stalling(host, 400_000)), CancellationGracePeriod = TimeSpan.FromSeconds(movesOn ? 100 : 0.2) };
        using CancellationTokenSource stop = new();
        Task<RunOutcome> running = run.RunUntilAsync(stop.Token, new string('x', 4 * 1024 * 1024));
        await run.MarkIsSetAsync("started");
        await CancelAsync(host, stop, movesOn);
        RunOutcome outcome = await running;
        outcome.Canceled();
        if (movesOn)
        {
            Assert.NotNull(outcome.Result);
            Assert.True(host.IsClean);
            run.NothingIsLeft();
        }

        await FakeRun.WaitForAsync(() => host.IsClean && !run.Processes().Any(ProcessProbe.IsRunning), "the end of the run on the host");
    }

    [Fact]
    public async Task A_run_can_be_canceled_while_its_files_are_sent()
    {
        using SshHost host = new();
        using FakeRun run = new(new FakeCliScript().Echo());
        AmpPermission[] rules = [.. Enumerable.Range(0, 10_000).Select(number => new AmpPermission($"Tool{number}", PermissionAction.Reject))];
        run.Options = run.Options with { Transport = host.With(client: Stalling(host, 60_000), connect: 600), Permissions = rules };
        using CancellationTokenSource stop = new();
        Task<RunOutcome> running = run.RunUntilAsync(stop.Token);
        await CancelAsync(host, stop, movesOn: true);
        (await running).Canceled();
        Assert.True(host.IsClean);
        Assert.DoesNotContain(FakeCliRecord.ReadAll(run.Log), record => record.Kind == "Run");
    }

    [Fact]
    public async Task What_a_host_in_between_lacks_is_told()
    {
        using SshHost host = new();
        using SshHost between = new();
        AmpHostException error = await FailsAsync(host.With(options: ("ProxyJump", $"root@{between.Address}:{between.Port}")), AmpErrorId.HostKeyUnknown);
        Assert.Contains("verification failed", error.Message, StringComparison.Ordinal);
        Assert.True(host.IsClean);
    }

    // A connection that stands still after so many bytes, in the middle of something, until it is let go.
    private static string Stalling(SshHost host, int bytes) => host.Program(
        "ssh",
        $$"""
        mkfifo {{host.File("pipe")}}
        exec 3<&0
        perl -e '
          while (sysread(STDIN, $block, 4096)) {
            syswrite(STDOUT, $block);
            next if ($count += length $block) < {{bytes}} || $stalled++;
            open(my $mark, ">", "{{host.File("stalled")}}");
            close $mark;
            select(undef, undef, undef, 0.01) until -e "{{host.File("go")}}";
            select(undef, undef, undef, 0.3);
          }' <&3 3<&- >{{host.File("pipe")}} 2>/dev/null &
        exec ssh "$@" 3<&- <{{host.File("pipe")}}

        """);

    private static async Task CancelAsync(SshHost host, CancellationTokenSource stop, bool movesOn)
    {
        await FakeRun.WaitForAsync(() => File.Exists(host.File("stalled")), "the connection to stand still");
        await stop.CancelAsync();
        if (movesOn)
        {
            await File.WriteAllTextAsync(host.File("go"), string.Empty, TestContext.Current.CancellationToken);
        }
    }

    private static string[] Lines(SshHost host) => File.ReadAllLines(host.File("given"));

    private static string Given(SshHost host, string option)
    {
        string[] lines = Lines(host);
        return lines[Array.IndexOf(lines, option) + 1];
    }

    private static async Task<AmpHostException> FailsAsync(SshTransport transport, string errorId)
    {
        AmpHostException error = await Assert.ThrowsAsync<AmpHostException>(
            () => AmpClient.RunAsync("x", new AmpOptions { Transport = transport }, TestContext.Current.CancellationToken));
        Assert.Equal(errorId, error.ErrorId);
        return error;
    }
}
