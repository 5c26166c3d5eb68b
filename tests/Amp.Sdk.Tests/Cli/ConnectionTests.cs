using System.Globalization;
using Amp.Cli;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Cli;

public sealed class ConnectionTests
{
    [Fact]
    public async Task A_command_gives_its_answer_and_gets_its_input()
    {
        using FakeRun fake = new(new FakeCliScript().Read().Out("größer 😀").Error("a warning"));
        CliConnection connection = await OpenAsync(fake);

        CliAnswer answer = await connection.RunAsync(["threads", "list"], TestContext.Current.CancellationToken, input: "ä");

        Assert.Equal("größer 😀\n", answer.Output);
        Assert.Equal("a warning", answer.StandardError);
        Assert.Equal("ä", Run(fake).StandardInput.Text);
        Assert.Equal(["threads", "list"], Run(fake).Arguments);
        fake.NothingIsLeft();
    }

    [Fact]
    public async Task A_login_is_ended_at_once()
    {
        using FakeRun fake = new(new FakeCliScript().Out("No API key found. Starting login flow...").IgnoreSignals("TERM", "INT").Hang());
        CliConnection connection = await OpenAsync(fake);

        AmpAuthenticationException exception = await Assert.ThrowsAsync<AmpAuthenticationException>(
            () => connection.RunAsync(["threads", "list"], TestContext.Current.CancellationToken).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));

        Assert.Equal(AmpErrorId.NotAuthenticated, exception.ErrorId);
        fake.NothingIsLeft();
    }

    [Theory]
    [InlineData("No API key found. Starting login flow...\nIf your browser does not open", true)]
    [InlineData("\u001b]0;amp\a\u001b[1mNo API key found. Starting login flow...", true)]
    [InlineData("Log in:\n  https://ampcode.com/auth/cli-login?authToken=abc", true)]
    [InlineData("# How to log in\n\nNo API key found. Starting login flow...\nhttps://x/auth/cli-login?authToken=abc", false)]
    [InlineData("---\ntitle: Starting login flow\n---\n", false)]
    [InlineData("Title  Last Updated\nStarting login flow  now", false)]
    [InlineData("{\"text\":\"Starting login flow\"}", false)]
    [InlineData("", false)]
    public void A_login_is_told_by_how_an_answer_begins(string answer, bool isLogin) =>
        Assert.Equal(isLogin, LoginPrompt.Begins(System.Text.Encoding.UTF8.GetBytes(answer)));

    [Fact]
    public async Task A_command_that_hangs_is_ended_at_its_limit()
    {
        using FakeRun fake = new(new FakeCliScript().SpawnChild("setsid").IgnoreSignals("TERM", "INT").Hang());
        CliConnection connection = await OpenAsync(fake, FakeRun.ShortLimit);

        AmpTimeoutException exception = await Assert.ThrowsAsync<AmpTimeoutException>(
            () => connection.RunAsync(["usage"], TestContext.Current.CancellationToken).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));

        Assert.Equal(AmpErrorId.Timeout, exception.ErrorId);
        fake.NothingIsLeft();
    }

    [Fact]
    public async Task A_process_that_cannot_be_found_and_keeps_the_output_open_does_not_keep_back_the_answer()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs setsid(1) and /proc.");
        using ShellCli cli = new($"""
            (env -i setsid sh -c 'exec 3>&1 4>&2 > /dev/null 2>&1 < /dev/null; cd /; echo $$ > "{ShellCli.Folder}/starting"; mv "{ShellCli.Folder}/starting" "{ShellCli.Folder}/stranger"; exec sleep 1000' &)
            while [ ! -e "{ShellCli.Folder}/stranger" ]; do sleep 0.01; done
            echo 'the answer'
            echo 'a warning' >&2
            """);
        CliOptions options = new()
        {
            CliPath = cli.Path,
            WorkingDirectory = cli.Options.WorkingDirectory,
            Environment = cli.Options.Environment,
            Timeout = FakeRun.HangLimit,
        };
        CliConnection connection = await CliConnection.OpenAsync(options, TestContext.Current.CancellationToken);
        try
        {
            CliAnswer answer = await connection.RunAsync(["usage"], TestContext.Current.CancellationToken);

            Assert.Equal(("the answer\n", "a warning"), (answer.Output, answer.StandardError));
            Assert.True(ProcessProbe.IsRunning(Stranger()));
        }
        finally
        {
            UnixSignal.SendKill(Stranger());
        }

        int Stranger() => int.Parse(File.ReadAllText(cli.PathOf("stranger")), CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("Error: Error listing threads: fetch failed", AmpErrorId.ServiceUnreachable)]
    [InlineData("Error: Error searching threads: Unable to connect. Is the computer able to access the url?", AmpErrorId.ServiceUnreachable)]
    [InlineData("Error: Failed to update thread: Failed to update sharing status: thread-not-found", AmpErrorId.ThreadNotFound)]
    [InlineData("Error: Failed to archive thread: Thread not found", AmpErrorId.ThreadNotFound)]
    [InlineData("Error: error: unknown option '--x'", AmpErrorId.UnsupportedByCli)]
    [InlineData("Error: API request for getUserInfo failed: 401", AmpErrorId.NotAuthenticated)]
    [InlineData("Thread T-01a1fca2-3d7a-773b-b155-d604e79480af does not exist.", AmpErrorId.ThreadNotFound)]
    [InlineData("Something else, with sgamp_user_canary", AmpErrorId.CliFailed)]
    public async Task What_the_CLI_complains_of_is_the_error(string text, string errorId)
    {
        using FakeRun fake = new(new FakeCliScript().Error(text).Exit(1));
        CliConnection connection = await OpenAsync(fake);

        AmpException exception = await Assert.ThrowsAnyAsync<AmpException>(() => connection.RunAsync(
            ["threads", "delete", "T-01a1fca2-3d7a-773b-b155-d604e79480af"],
            TestContext.Current.CancellationToken,
            threadId: "T-01a1fca2-3d7a-773b-b155-d604e79480af"));

        Assert.Equal(errorId, exception.ErrorId);
        Assert.NotNull(exception.RecommendedAction);
        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_CLI_lacks_is_said_before_anything_is_run()
    {
        using FakeRun fake = new(new FakeCliScript().Exit(0));
        CliConnection connection = await OpenAsync(fake);

        AmpValidationException exception = Assert.Throws<AmpValidationException>(
            () => connection.Require("threads replay", "Use a CLI of January 2026."));

        Assert.Equal(AmpErrorId.UnsupportedByCli, exception.ErrorId);
        Assert.Contains(connection.Cli.Version, exception.Message, StringComparison.Ordinal);
        Assert.Contains("threads replay", exception.Message, StringComparison.Ordinal);
        connection.Require("threads delete", "");
    }

    [Theory]
    [InlineData("2026-01-08", false)]
    [InlineData("2026-03-24", true)]
    [InlineData("2026-09-23", true)]
    public async Task A_hidden_command_has_a_help_of_its_own(string date, bool has)
    {
        using FakeRun fake = new(new FakeCliScript().Help(date));
        CliConnection connection = await OpenAsync(fake);

        Assert.Equal(has, await connection.HasHiddenAsync("threads export", TestContext.Current.CancellationToken));
    }

    private static FakeCliRecord Run(FakeRun fake) => FakeCliRecord.ReadAll(fake.Log).Single(record => record.Kind == "Command");

    private static Task<CliConnection> OpenAsync(FakeRun fake, TimeSpan? timeout = null) => CliConnection.OpenAsync(
        new CliOptions
        {
            CliPath = fake.Options.CliPath,
            WorkingDirectory = fake.Options.WorkingDirectory,
            Environment = fake.Options.Environment,
            Timeout = timeout ?? FakeRun.HangLimit,
        },
        TestContext.Current.CancellationToken);
}
