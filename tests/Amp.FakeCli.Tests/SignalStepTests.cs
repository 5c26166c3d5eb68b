using Amp.Testing;

namespace Amp.FakeCli.Tests;

public sealed class SignalStepTests
{
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;

    [Theory]
    [InlineData("HUP", 1)]
    [InlineData("INT", 2)]
    [InlineData("QUIT", 3)]
    [InlineData("ABRT", 6)]
    [InlineData("KILL", 9)]
    [InlineData("SEGV", 11)]
    [InlineData("TERM", 15)]
    public async Task Signal_ends_the_process_by_it(string name, int number)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Out("a").Signal(name).Out("b"));

        Assert.Equal(128 + number, await fake.WaitForExitAsync());
        Assert.Equal("a\n", fake.Output);
        Assert.Equal("", fake.Error);
        Assert.Empty(Directory.GetFiles(fake.Record.WorkingDirectory));
    }

    [Fact]
    public async Task Signal_is_not_supported_on_Windows()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "Here it is.");
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Signal("TERM"));

        Assert.Equal(70, await fake.WaitForExitAsync());
        Assert.Contains("not supported here", fake.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task A_script_dies_by_a_signal_it_does_not_answer(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().Out("ready").Hang());
        await fake.WaitForOutputAsync("ready");

        fake.Send(signal);

        Assert.Equal(128 + signal, await fake.WaitForExitAsync());
    }

    [Fact]
    public async Task Ignored_signals_do_nothing_but_KILL_does()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        using FakeCliProcess fake = FakeCliProcess.Start(
            new FakeCliScript().IgnoreSignals("TERM", "INT").OnSignal("HUP", steps => steps.Out("hup")).Out("ready").Hang());
        await fake.WaitForOutputAsync("ready");

        fake.Send(Terminate);
        fake.Send(Interrupt);
        fake.Send(1);
        await fake.WaitForOutputAsync("hup");
        Assert.False(fake.HasExited);

        fake.Send(Kill);
        Assert.Equal(137, await fake.WaitForExitAsync());
    }

    [Fact]
    public async Task An_answer_may_be_several_steps()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript()
            .OnSignal("INT", steps => steps.ErrorResult("cancelled").Error("bye").Exit(7))
            .Out("ready")
            .Read()
            .Out("never"));
        await fake.WaitForOutputAsync("ready");

        fake.Send(Interrupt);

        Assert.Equal(7, await fake.WaitForExitAsync());
        await fake.WaitForEndOfOutputAsync();
        Assert.Contains("\"error\":\"cancelled\"", fake.OutputLines[^1], StringComparison.Ordinal);
        Assert.Equal("bye\n", fake.Error);
        Assert.Equal(7, fake.Record.ExitCode);
    }

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task Without_a_script_a_run_ends_as_the_real_CLI_does(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        using FakeCliProcess fake = FakeCliProcess.Start(
            new FakeCliScript(), "--execute", "--stream-json", "--stream-json-input");
        await fake.WaitForOutputAsync("\"init\"");

        fake.Send(signal);

        Assert.Equal(0, await fake.WaitForExitAsync());
        await fake.WaitForEndOfOutputAsync();
        Assert.Contains("User cancelled (SIGINT/SIGTERM)", fake.OutputLines[^1], StringComparison.Ordinal);
    }
}
