using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Execution;

public sealed class LoginTests
{
    private const string Words = "No API key found. Starting login flow...";

    [Fact]
    public async Task A_CLI_that_begins_a_login_is_ended_at_once_and_its_token_is_nowhere()
    {
        using FakeRun run = new(new FakeCliScript().AskForLogin());
        RunOutcome outcome = await run.RunAsync();
        AmpAuthenticationException error = outcome.Failed<AmpAuthenticationException>(AmpErrorId.NotAuthenticated);
        Assert.Contains("AMP_API_KEY", error.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("authToken", outcome.Everything, StringComparison.Ordinal);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_login_without_a_line_end_is_seen_too()
    {
        using FakeRun run = new(new FakeCliScript().Raw("noise\nhttps://x/auth/cli-login?authToken=abc&x=1").IgnoreSignals("INT", "TERM").Hang());
        RunOutcome outcome = await run.RunAsync();
        outcome.Failed<AmpAuthenticationException>(AmpErrorId.NotAuthenticated);
        Assert.DoesNotContain("abc", outcome.Everything, StringComparison.Ordinal);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_login_that_ends_by_itself_is_told_as_such()
    {
        using FakeRun run = new(new FakeCliScript().Raw(Words + "\n").Exit(1));
        (await run.RunAsync()).Failed<AmpAuthenticationException>(AmpErrorId.NotAuthenticated);
    }

    [Fact]
    public async Task The_same_words_in_an_answer_are_only_words()
    {
        using FakeRun run = new(new FakeCliScript().Init().Assistant(Words).Raw(Words + "\n").Result(Words));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded(Words);
        Assert.Equal([Words], outcome.Texts(AmpEventKind.OutputText));
    }

    [Fact]
    public async Task The_same_words_in_a_first_message_that_comes_in_pieces_are_only_words()
    {
        string line = FakeMessages.Assistant(Words + " more", "T-1");
        int inside = line.IndexOf(" more", StringComparison.Ordinal);
        using FakeRun run = new(new FakeCliScript().Raw(line[..inside]).Sleep(100).Raw(line[inside..] + "\n").Result("done"));
        (await run.RunAsync()).Succeeded("done");
    }
}
