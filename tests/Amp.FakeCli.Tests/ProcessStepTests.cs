using System.Diagnostics;
using Amp.Testing;

namespace Amp.FakeCli.Tests;

public sealed class ProcessStepTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(137)]
    public async Task Exit_ends_with_the_code_and_skips_the_rest(int exitCode)
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Out("a").Exit(exitCode).Out("b"));

        Assert.Equal(exitCode, await fake.WaitForExitAsync());
        Assert.Equal(exitCode, fake.Record.ExitCode);
        Assert.Equal("a\n", fake.Output);
    }

    [Fact]
    public async Task Behind_the_last_step_the_process_ends_with_0()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Out("a"));

        Assert.Equal(0, await fake.WaitForExitAsync());
    }

    [Fact]
    public async Task Exit_does_not_wait_for_an_open_stdin()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().Exit(4));

        Assert.Equal(4, await fake.WaitForExitAsync());
    }

    [Fact]
    public async Task Sleep_takes_its_time()
    {
        long start = Stopwatch.GetTimestamp();
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Sleep(300));

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 300, double.MaxValue);
    }

    [Fact]
    public async Task Hang_outlives_the_end_of_stdin()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().Read().Out("hanging").Hang());
        fake.Input.Close();
        await fake.WaitForOutputAsync("hanging");
        Assert.False(fake.HasExited);

        fake.Kill();

        await fake.WaitForExitAsync();
        Assert.False(ProcessProbe.IsRunning(fake.Id));
    }

    [Fact]
    public async Task Write_and_remove_change_files_as_an_agent_does()
    {
        using PrivateHome home = new();
        string written = Path.Combine(home.Root, "below", "a.txt");
        string removed = Path.Combine(home.Root, "b.txt");
        await File.WriteAllTextAsync(removed, "b", TestContext.Current.CancellationToken);
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().Write(written, "one\ntwo").Remove(removed));
        Assert.Equal(0, await fake.WaitForExitAsync());
        Assert.Equal("one\ntwo", await File.ReadAllTextAsync(written, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(removed));
    }

    [Fact]
    public async Task Mark_and_waitfor_meet_a_test_in_files()
    {
        using PrivateHome home = new();
        string started = Path.Combine(home.Root, "started");
        string go = Path.Combine(home.Root, "go on");
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().Mark(started).WaitFor(go).Out("went on"));
        await FakeCliProcess.WaitUntilAsync(() => File.Exists(started));
        Assert.Equal("", fake.Output);

        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);

        Assert.Equal(0, await fake.WaitForExitAsync());
        await fake.WaitForEndOfOutputAsync();
        Assert.Equal("went on\n", fake.Output);
    }

    [Fact]
    public async Task Starts_that_share_a_log_folder_are_counted()
    {
        using PrivateHome home = new();
        string log = Path.Combine(home.Root, "shared");
        FakeCliScript script = new FakeCliScript().OnStart(1, steps => steps.Exit(1)).OnStart(2, steps => steps.Exit(2)).Exit(9);
        List<int> exitCodes = [];
        for (int start = 0; start < 3; start++)
        {
            using FakeCliProcess fake = FakeCliProcess.Start(script, process => process.Environment["AMP_FAKE_LOG"] = log);
            exitCodes.Add(await fake.WaitForExitAsync());
        }

        Assert.Equal([1, 2, 9], exitCodes);
        Assert.Equal(3, FakeCliRecord.ReadAll(log).Count);
    }

    [Theory]
    [InlineData("--no-archive-after-execute", 1)]
    [InlineData("--archive", 2)]
    public async Task A_step_can_depend_on_the_command_line(string argument, int exitCode)
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(
            new FakeCliScript()
                .WithArgument("--no-archive-after-execute", steps => steps.Exit(1))
                .WithoutArgument("--no-archive-after-execute", steps => steps.Exit(2)),
            "",
            "--execute",
            argument);

        Assert.Equal(exitCode, await fake.WaitForExitAsync());
    }

    [Fact]
    public async Task A_step_can_depend_on_a_file_beside_the_script()
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "script");
        await File.WriteAllTextAsync(
            path, "# a comment\n\nif exists here out no\nif missing here out yes\r\nmark here\nif exists here exit 8\n",
            TestContext.Current.CancellationToken);

        using FakeCliProcess fake = FakeCliProcess.Start(
            new FakeCliScript(), process => process.Environment["AMP_FAKE_SCRIPT"] = path);

        Assert.Equal(8, await fake.WaitForExitAsync());
        await fake.WaitForEndOfOutputAsync();
        Assert.Equal("yes\n", fake.Output);
        Assert.True(File.Exists(Path.Combine(home.Root, "here")));
    }

    [Theory]
    [InlineData("sing", "unknown step 'sing'")]
    [InlineData("sleep long", "'long' is no number")]
    [InlineData("bytes xy", "'xy' is not hexadecimal")]
    [InlineData(@"raw \q", "unknown escape")]
    [InlineData(@"raw \x1", "unknown escape")]
    [InlineData("onsignal INT sing", "unknown step 'sing'")]
    [InlineData("fill 1 nowhere", "neither stdout nor stderr")]
    [InlineData("if weather fine exit 1", "unknown question 'weather'")]
    [InlineData("mark", "a path is missing")]
    public async Task A_mistake_in_the_script_is_told_before_anything_is_done(string step, string message)
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "script");
        await File.WriteAllTextAsync(path, $"out first\n{step}\n", TestContext.Current.CancellationToken);

        using FakeCliProcess fake = FakeCliProcess.Start(
            new FakeCliScript(), process => process.Environment["AMP_FAKE_SCRIPT"] = path);

        Assert.Equal(64, await fake.WaitForExitAsync());
        await fake.WaitForEndOfOutputAsync();
        Assert.Equal("", fake.Output);
        Assert.Contains("line 2: ", fake.Error, StringComparison.Ordinal);
        Assert.Contains(message, fake.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told_too()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().File(path));

        Assert.Equal(64, await fake.WaitForExitAsync());
        Assert.Contains(path, fake.Error, StringComparison.Ordinal);
    }
}
