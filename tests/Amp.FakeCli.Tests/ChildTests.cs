using System.Diagnostics;
using Amp.Testing;

namespace Amp.FakeCli.Tests;

public sealed class ChildTests
{
    private const int Terminate = 15;

    [Theory]
    [InlineData("child", true)]
    [InlineData("quiet", false)]
    [InlineData("stubborn", true)]
    [InlineData("doublefork", true)]
    [InlineData("doublefork-quiet", false)]
    [InlineData("setsid", true)]
    [InlineData("setsid-quiet", false)]
    public async Task A_child_outlives_the_process_and_may_hold_its_output(string kind, bool holdsOutput)
    {
        SkipWhereNotSupported(kind);
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().SpawnChild(kind, "marker").Out("done").Exit(0));
        Assert.Equal(0, await fake.WaitForExitAsync());
        await fake.WaitForOutputAsync("done");

        FakeCliChild child = Assert.Single(fake.Record.Children);
        Assert.Equal((kind, "marker"), (child.Kind, child.Name));
        Assert.True(ProcessProbe.IsRunning(child.ProcessId));
        if (holdsOutput)
        {
            Assert.False(fake.OutputEnded);
            EndNow(child.ProcessId);
        }

        await fake.WaitForEndOfOutputAsync();
        Assert.Equal(holdsOutput, !ProcessProbe.IsRunning(child.ProcessId));
    }

    [Theory]
    [InlineData("child", true, true)]
    [InlineData("stubborn", true, true)]
    [InlineData("doublefork", false, true)]
    [InlineData("setsid", false, false)]
    public async Task A_child_is_where_it_should_be_in_the_tree(string kind, bool isOwnChild, bool isInGroup)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc.");
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().SpawnChild(kind, "marker").Out("ready").Hang());
        await fake.WaitForOutputAsync("ready");

        FakeCliRecord record = fake.Record;
        int child = Assert.Single(record.ChildProcessIds);
        await FakeCliProcess.WaitUntilAsync(() => Stat(child)[0] == "sleep");
        string[] stat = Stat(child);
        Assert.Equal(isOwnChild, stat[1] == $"{fake.Id}");
        Assert.Equal(isInGroup, stat[2] == $"{record.ProcessGroupId}");
        Assert.Equal(isInGroup, stat[3] == $"{record.SystemSessionId}");
        Assert.Contains(
            "AMP_FAKE_CHILD=marker",
            await File.ReadAllTextAsync($"/proc/{child}/environ", TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_a_stubborn_child_survives_TERM()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        using FakeCliProcess fake = FakeCliProcess.Start(
            new FakeCliScript().SpawnChild("child").SpawnChild("stubborn").Out("ready").Hang());
        await fake.WaitForOutputAsync("ready");
        IReadOnlyList<int> children = fake.Record.ChildProcessIds;

        FakeCliProcess.Send(children[1], Terminate);
        FakeCliProcess.Send(children[0], Terminate);

        Assert.True(await ProcessProbe.WaitUntilGoneAsync(children[0], TimeSpan.FromSeconds(60)));
        Assert.True(ProcessProbe.IsRunning(children[1]));
    }

    [Fact]
    public async Task Killing_the_tree_misses_what_was_forked_twice()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such children.");
        using FakeCliProcess fake = FakeCliProcess.Start(
            new FakeCliScript().SpawnChild("child").SpawnChild("doublefork").Out("ready").Hang());
        await fake.WaitForOutputAsync("ready");
        IReadOnlyList<int> children = fake.Record.ChildProcessIds;

        fake.KillTree();

        await fake.WaitForExitAsync();
        Assert.True(await ProcessProbe.WaitUntilGoneAsync(children[0], TimeSpan.FromSeconds(60)));
        Assert.True(ProcessProbe.IsRunning(children[1]));
    }

    [Fact]
    public async Task An_unknown_kind_is_told()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().SpawnChild("nobody"));

        Assert.NotEqual(0, await fake.WaitForExitAsync());
        Assert.Contains("nobody", fake.Error, StringComparison.Ordinal);
        Assert.Empty(fake.Record.Children);
    }

    private static void SkipWhereNotSupported(string kind)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && kind is not ("child" or "quiet"), "Windows has no such children.");
        Assert.SkipWhen(
            kind.StartsWith("setsid", StringComparison.Ordinal) && !File.Exists("/usr/bin/setsid"), "There is no setsid(1).");
    }

    // Name, parent, process group and session of a process.
    private static string[] Stat(int processId)
    {
        string stat = File.ReadAllText($"/proc/{processId}/stat");
        int nameStart = stat.IndexOf('(');
        int nameEnd = stat.LastIndexOf(')');
        return [stat[(nameStart + 1)..nameEnd], .. stat[(nameEnd + 2)..].Split(' ')[1..4]];
    }

    private static void EndNow(int processId)
    {
        using Process process = Process.GetProcessById(processId);
        process.Kill();
    }
}
