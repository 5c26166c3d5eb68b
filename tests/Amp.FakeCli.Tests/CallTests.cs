using System.Diagnostics;
using Amp.Testing;

namespace Amp.FakeCli.Tests;

public sealed class CallTests
{
    [Theory]
    [InlineData("--version")]
    [InlineData("-V")]
    [InlineData("version")]
    public async Task Version_is_that_of_the_real_CLI(string argument)
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Exit(9), "", argument);

        Assert.Equal("0.0.1774310664-gcb98ac (released 2026-03-24T00:08:19.172Z, 8mo ago)\n", fake.Output);
        Assert.Equal(0, fake.Record.ExitCode);
        Assert.Equal("Version", fake.Record.Kind);
    }

    [Fact]
    public async Task Version_can_be_another()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Version("amp 1.4.0"), "", "--version");

        Assert.Equal("amp 1.4.0\n", fake.Output);
    }

    [Fact]
    public async Task Help_is_built_in_or_a_file()
    {
        using FakeCliProcess builtIn = await FakeCliProcess.RunAsync(new FakeCliScript().Exit(9), "", "--help");
        using FakeCliProcess old = await FakeCliProcess.RunAsync(new FakeCliScript().Help("2026-01-08"), "", "--help");

        Assert.Equal(KeptHelp("2026-03-24"), builtIn.Output);
        Assert.Equal(KeptHelp("2026-01-08"), old.Output);
        Assert.Equal("Help", builtIn.Record.Kind);
        Assert.Equal(0, builtIn.Record.ExitCode);
    }

    [Theory]
    [InlineData(RealCliBuild.January2026, "2026-01-08")]
    [InlineData(RealCliBuild.March2026, "2026-03-24")]
    [InlineData(RealCliBuild.September2026, "2026-09-23")]
    public async Task Kept_help_is_what_the_real_CLI_prints(RealCliBuild build, string date)
    {
        string? program = RepositoryLayout.RealCli(build);
        Assert.SkipWhen(program is null, "The pinned CLIs are not installed: npm ci in tests/cli.");
        using PrivateHome home = new();
        bool isScript = program.EndsWith(".js", StringComparison.Ordinal);
        ProcessStartInfo start = new(isScript ? "node" : program, isScript ? [program, "--help"] : ["--help"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (KeyValuePair<string, string?> variable in home.Environment())
        {
            start.Environment[variable.Key] = variable.Value;
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(120));
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
        string help = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await error;

        Assert.Equal(Words(KeptHelp(date)), Words(help.Replace(home.Root, "/home/user", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("--archive")]
    [InlineData("--label=x")]
    public async Task A_rejected_option_is_answered_as_by_the_real_CLI(string argument)
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(
            new FakeCliScript().Reject("--archive", "--label").Out("x"), "", "--execute", argument);

        Assert.Equal(1, await fake.WaitForExitAsync());
        Assert.Equal($"Error: error: unknown option '{argument.Split('=')[0]}'\n", fake.Error);
        Assert.Equal("", fake.Output);
    }

    [Fact]
    public async Task A_rejected_name_as_the_value_of_an_option_is_no_option()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(
            new FakeCliScript().Reject("--archive").Out("x"), "", "--execute", "--label", "--archive", "--", "--archive");

        Assert.Equal("x\n", fake.Output);
    }

    [Theory]
    [InlineData("version")]
    [InlineData("help")]
    public async Task A_call_can_hang(string call)
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().HangOn(call), $"--{call}");
        await FakeCliProcess.WaitUntilAsync(() => FakeCliRecord.ReadAll(fake.Log).Count == 1);
        fake.Input.Close();

        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.False(fake.HasExited);
        Assert.Equal("", fake.Output);
    }

    [Fact]
    public async Task Login_is_asked_for_on_stdout_and_outlives_the_end_of_stdin()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().AskForLogin().Exit(9), "--execute", "--stream-json");
        await fake.WriteAsync("prompt");
        fake.Input.Close();
        await fake.WaitForOutputAsync("paste your code here: ");

        await FakeCliProcess.WaitUntilAsync(() => fake.Record.ReachedEndOfInput);
        Assert.StartsWith("No API key found. Starting login flow...\n", fake.Output, StringComparison.Ordinal);
        Assert.Contains("/auth/cli-login?authToken=", fake.Output, StringComparison.Ordinal);
        Assert.False(fake.HasExited);
    }

    [Theory]
    [InlineData("Run")]
    [InlineData("Run", "--execute", "--stream-json")]
    [InlineData("Run", "--mode", "threads", "--execute")]
    [InlineData("Run", "--execute", "threads")]
    [InlineData("Run", "threads", "continue", "T-1", "--execute")]
    [InlineData("Command", "threads", "list")]
    [InlineData("Command", "--settings-file", "/x", "permissions", "test", "Bash")]
    [InlineData("Version", "--execute", "--version")]
    [InlineData("Run", "--label=--version", "--title", "--version")]
    [InlineData("Help", "threads", "--help")]
    public async Task Calls_are_told_apart_as_the_real_CLI_binds_them(string kind, params string[] arguments)
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript(), "hi", arguments);

        Assert.Equal(kind, fake.Record.Kind);
        Assert.Equal(0, await fake.WaitForExitAsync());
    }

    [Theory]
    [InlineData("T-00000000-0000-4000-8000-000000000001")]
    [InlineData("https://ampcode.com/threads/T-00000000-0000-4000-8000-000000000001")]
    public async Task A_continued_thread_keeps_its_ID(string thread)
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(
            new FakeCliScript(), "hi", "threads", "continue", thread, "--execute", "--stream-json");

        Assert.All(fake.OutputLines, line => Assert.Contains(
            "\"session_id\":\"T-00000000-0000-4000-8000-000000000001\"", line, StringComparison.Ordinal));
    }

    private static string KeptHelp(string date) =>
        File.ReadAllText(Path.Combine(RepositoryLayout.Root, "tests", "Amp.FakeCli", "help", date + ".txt"));

    // The length of the home folder's path moves line breaks.
    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
