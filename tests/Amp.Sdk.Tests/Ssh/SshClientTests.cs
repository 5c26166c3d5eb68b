using Amp.Sdk.Tests.Support;
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
            new AmpOptions { Transport = host.With(client: client, connect: 1), WorkingDirectory = "/" + new string('x', 300_000) },
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

    [Fact]
    public async Task What_a_host_in_between_lacks_is_told()
    {
        using SshHost host = new();
        using SshHost between = new();
        AmpHostException error = await FailsAsync(host.With(options: ("ProxyJump", $"root@{between.Address}:{between.Port}")), AmpErrorId.HostKeyUnknown);
        Assert.Contains("verification failed", error.Message, StringComparison.Ordinal);
        Assert.True(host.IsClean);
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
