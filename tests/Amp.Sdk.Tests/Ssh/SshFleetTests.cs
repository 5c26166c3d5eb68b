using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ssh;

/// <summary>Three hosts with networks of their own, whose links can be cut.</summary>
public sealed class SshFleetTests
{
    [Fact]
    public async Task Runs_on_three_hosts_work_at_the_same_time_and_a_cut_link_ends_only_its_own()
    {
        using Networks networks = new(3);
        using DisposableList<SshHost> hosts = new(networks.Names.Select((name, i) => new SshHost(networks.Addresses[i], name)));

        // Only the link that is cut needs short signs of life. On a busy machine, the others would be given up too.
        using DisposableList<FakeRun> runs = new(hosts.Select((host, i) => SshRunTests.On(host, new FakeCliScript(), every: i == 1 ? 5 : 15)));
        for (int i = 0; i < runs.Count; i++)
        {
            FakeRun run = runs[i];
            run.Follow(i == 1
                ? new FakeCliScript().IgnoreSignals("INT", "TERM").Init().SpawnChild("setsid").Mark(run.Mark("started")).Hang()
                : new FakeCliScript().Init().Mark(run.Mark("started")).WaitFor(run.Mark("go")).Result($"host {i}"));
        }

        List<FleetRun> ended = [];
        Task fleet = Task.Run(
            async () =>
            {
                await foreach (FleetEvent item in AmpFleet.StreamAsync(runs.Select(run => new FleetItem("x", run.Options)), 3))
                {
                    if (item.Kind == FleetEventKind.Ended)
                    {
                        ended.Add(item.Run);
                    }
                }
            },
            TestContext.Current.CancellationToken);

        // All three are at work at once.
        foreach (FakeRun run in runs)
        {
            await run.MarkIsSetAsync("started");
        }

        networks.Cut(1);
        await FakeRun.WaitForAsync(() => ended.Count > 0, "the run whose link was cut");
        AmpHostException lost = Assert.IsType<AmpHostException>(ended[0].Failure);
        Assert.Equal((AmpErrorId.HostConnectionLost, networks.Addresses[1]), (lost.ErrorId, lost.HostName));

        // No word can reach the host, which ends the run because it hears nothing.
        await FakeRun.WaitForAsync(() => hosts[1].IsClean && !runs[1].Processes().Any(ProcessProbe.IsRunning), "the end on the host that was cut off");
        foreach (int i in (int[])[0, 2])
        {
            await File.WriteAllTextAsync(runs[i].Mark("go"), string.Empty, TestContext.Current.CancellationToken);
        }

        await fleet.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Equal(["host 0", "host 2"], ended.Where(run => run.Result is not null).Select(run => run.Result!.Result).Order());
        Assert.All(hosts, host => Assert.True(host.IsClean));
        Assert.All(runs, run => run.NothingIsLeft());
    }

    /// <summary>Network namespaces, each with a link of its own to that of the tests.</summary>
    private sealed class Networks : IDisposable
    {
        private readonly string _id = Guid.NewGuid().ToString("N")[..6];
        private readonly int _count;

        public Networks(int count)
        {
            Assert.SkipUnless(
                OperatingSystem.IsLinux() && Environment.UserName == "root" && CanAdd(), "Requires root, iproute2 and the right to create network namespaces (CAP_NET_ADMIN).");
            int net = Random.Shared.Next(1, 250);
            for (int i = 0; i < count; i++)
            {
                _count = i + 1;
                Ip("netns", "add", Names[i]);
                Ip("link", "add", Link(i), "type", "veth", "peer", "name", "eth0", "netns", Names[i]);
                Ip("addr", "add", $"10.{net}.{i}.1/24", "dev", Link(i));
                Ip("link", "set", Link(i), "up");
                Addresses.Add($"10.{net}.{i}.2");
                Ip("-n", Names[i], "addr", "add", $"{Addresses[i]}/24", "dev", "eth0");
                Ip("-n", Names[i], "link", "set", "eth0", "up");
                Ip("-n", Names[i], "link", "set", "lo", "up");
            }
        }

        public IReadOnlyList<string> Names => [.. Enumerable.Range(0, Math.Max(_count, 1)).Select(i => $"amp{_id}{i}")];

        public List<string> Addresses { get; } = [];

        public void Cut(int index) => Ip("link", "set", Link(index), "down");

        public void Dispose()
        {
            foreach (string name in Names)
            {
                Ip("netns", "del", name);
            }
        }

        private string Link(int index) => $"amp{_id}{index}";

        private static void Ip(params string[] arguments) => SshHost.Run("ip", arguments);

        private bool CanAdd()
        {
            try
            {
                Ip("netns", "add", $"amp{_id}x");
                Ip("netns", "del", $"amp{_id}x");
                return true;
            }
            catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                return false;
            }
        }
    }

    private sealed class DisposableList<T> : List<T>, IDisposable
        where T : IDisposable
    {
        public DisposableList(IEnumerable<T> items)
        {
            foreach (T item in items)
            {
                Add(item);
            }
        }

        public void Dispose() => ForEach(item => item.Dispose());
    }
}
