using Amp.Cli;
using Amp.Sdk.Tests.Support;
using Amp.Testing;
using Amp.Text;

namespace Amp.Sdk.Tests.Reliability;

/// <summary>A secret in whatever a CLI says, wherever that is thrown or shown.</summary>
public sealed class SecretTests
{
    private const string Canary = "canary-of-the-key-0123456789";

    [Fact]
    public async Task It_is_not_in_the_error_of_a_command_that_hangs()
    {
        using FakeRun fake = Run(new FakeCliScript().Error($"using {Canary}").Hang());
        CliConnection connection = await CliConnection.OpenAsync(fake.CliOptions(FakeRun.ShortLimit), TestContext.Current.CancellationToken);
        AmpTimeoutException error = await Assert.ThrowsAsync<AmpTimeoutException>(
            () => connection.RunAsync(["threads", "search", $"--x={Canary}"], TestContext.Current.CancellationToken));
        Assert.Contains("***", error.StandardError, StringComparison.Ordinal);
        IsClean(error, "'threads search' or its words");
        IsClean(error.StandardError, "standard error");
    }

    [Theory]
    [InlineData(390)]
    [InlineData(0)]
    public async Task It_is_not_in_the_error_of_an_answer_that_cannot_be_read_also_where_that_is_cut_off(int before)
    {
        using FakeRun fake = Run(new FakeCliScript().Echo());
        CliConnection connection = await CliConnection.OpenAsync(fake.CliOptions(), TestContext.Current.CancellationToken);
        AmpJsonException error = connection.Unreadable(["usage"], "is odd", new string('x', before) + Canary + new string('x', 500));
        IsClean(error, "the error");
        IsClean(error.RawLine, "the line");
    }

    [Fact]
    public async Task It_is_found_though_it_is_coloured_in_its_middle()
    {
        string coloured = Canary[..14] + "\x1b[31m" + Canary[14..];
        using FakeRun fake = Run(new FakeCliScript().Init().Raw("{\"broken: " + coloured + "\n").ErrorResult("no " + coloured));
        CliConnection connection = await CliConnection.OpenAsync(fake.CliOptions(), TestContext.Current.CancellationToken);
        IsClean(connection.Unreadable(["usage"], "is odd " + coloured, coloured), "the error about an answer");
        RunOutcome outcome = await fake.RunAsync();
        IsClean(Assert.Single(outcome.Events, item => item.Error is not null).Error!.Message, "the error about a line");
        IsClean(new AmpAgentException(Assert.IsType<ErrorResultMessage>(outcome.Result)).Message, "the error of the run");
    }

    [Theory]
    [InlineData(80)]
    [InlineData(0)]
    public async Task It_is_not_in_the_error_about_another_program(int before)
    {
        using ShellCli cli = new("exit 0", version: $"echo {new string('x', before)}{Canary}");
        cli.Options = cli.Options with { Environment = new Dictionary<string, string?>(cli.Options.Environment!) { ["AMP_API_KEY"] = Canary } };
        IsClean(await Assert.ThrowsAsync<AmpCliNotFoundException>(() => cli.AskAsync()), "the error");
    }

    [Fact]
    public async Task It_is_not_in_the_error_of_a_failed_run_though_the_message_itself_stays_whole()
    {
        using FakeRun run = Run(new FakeCliScript().Init().ErrorResult($"rejected: {Canary}"));
        AmpAgentException error = await Assert.ThrowsAsync<AmpAgentException>(() => run.ResultAsync());
        Assert.Equal("rejected: ***", error.Message);
        Assert.Contains(Canary, error.Result.RawJson, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_not_in_the_error_about_a_denial()
    {
        using FakeRun run = Run(new FakeCliScript().Init()
            .Out("""{"type":"assistant","message":{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"Bash","input":{}}]}}""")
            .Out("""{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","is_error":true,"content":"Tool execution rejected by user: CANARY"}]}}"""
                .Replace("CANARY", Canary, StringComparison.Ordinal))
            .Assistant("well").Result("well"));
        run.Options = run.Options with { FailOnDenial = true };
        AmpAgentException error = (await run.RunAsync()).Failed<AmpAgentException>(AmpErrorId.AgentError);
        Assert.NotEmpty(error.Result.Denials);
        IsClean(error, "the error");
    }

    [Fact]
    public async Task It_is_not_in_the_error_about_too_long_a_line_also_where_that_is_cut_off()
    {
        using FakeRun run = Run(new FakeCliScript().Init().Raw("{\"x\":\"" + new string('y', 384) + Canary).Fill(5000).Hang());
        run.Options = run.Options with { MaxLineBytes = 2000 };
        AmpJsonException error = (await run.RunAsync()).Failed<AmpJsonException>(AmpErrorId.InvalidStreamJson);
        IsClean(error, "the error");
        IsClean(error.RawLine, "the line");
    }

    [Theory]
    [InlineData("pass\"word\\of ä+<x>", "{\"k\": \"pass\\\"word\\\\of ä+<x>")]
    [InlineData("pass\"word\\of ä+<x>", "{\"k\": \"pass\\u0022word\\\\of \\u00E4\\u002B\\u003Cx\\u003E")]
    [InlineData("pass word&more", "http://x/?k=pass%20word%26more")]
    public void It_is_known_in_other_spellings(string secret, string text)
    {
        string shown = new SecretRedactor(new Dictionary<string, string>(), [secret]).Redact(text);
        Assert.Contains("***", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("word", shown, StringComparison.Ordinal);
    }

    private static FakeRun Run(FakeCliScript script)
    {
        FakeRun run = new(script);
        run.Set(("AMP_API_KEY", Canary));
        return run;
    }

    private static void IsClean(object text, string what)
    {
        string shown = text.ToString()!;
        for (int length = 8; length <= Canary.Length; length++)
        {
            Assert.False(shown.Contains(Canary[..length], StringComparison.Ordinal), $"{what}: {shown}");
        }
    }
}
