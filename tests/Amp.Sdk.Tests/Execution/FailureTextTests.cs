using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Execution;

/// <summary>What the CLI says on standard error before it fails, and what that is for the user.</summary>
public sealed class FailureTextTests
{
    private const string Thread = "T-01a1fbd7-0c6f-734a-b675-4e105a21993a";

    [Theory]
    [InlineData("Error: Couldn't connect to the Amp server at http://127.0.0.1:8787.\\n\\nRun `pnpm dev`", AmpErrorId.ServiceUnreachable)]
    [InlineData("Error: Cannot reach Amp servers. Are you offline?\\nUse 'amp threads share T-1'", AmpErrorId.ServiceUnreachable)]
    [InlineData("TypeError: fetch failed (connect ECONNREFUSED 127.0.0.1:1)", AmpErrorId.ServiceUnreachable)]
    [InlineData("Error: error: unknown option '--archive'", AmpErrorId.UnsupportedByCli)]
    [InlineData("error: option '-m, --mode <value>' argument 'x' is invalid. Allowed choices are deep, free.", AmpErrorId.UnsupportedByCli)]
    [InlineData("main.js:14013:22 boom\\n    at main.js:401:7", AmpErrorId.CliFailed)]
    [InlineData("Using the API key of the environment", AmpErrorId.CliFailed)]
    [InlineData("worker thread: module not found", AmpErrorId.CliFailed)]
    [InlineData("Thread T-1 not found.", AmpErrorId.CliFailed)]
    [InlineData("Error: Out of credits", AmpErrorId.QuotaExceeded)]
    [InlineData("Error: 429 Too many requests", AmpErrorId.Throttled)]
    [InlineData("a word before it\\nError: Model Provider Overloaded Try again in a few seconds.", AmpErrorId.Overloaded)]
    [InlineData("Error: 503 Service Unavailable", AmpErrorId.Overloaded)]
    [InlineData("MCP server 'x': 429 Too many requests", AmpErrorId.CliFailed)]
    public async Task Last_words_before_any_message_tell_the_cause(string words, string errorId)
    {
        using FakeRun run = new(new FakeCliScript().ErrorRaw(words.Replace("\\n", "\n", StringComparison.Ordinal)).Exit(1));
        AmpProcessException error = (await run.RunAsync()).Failed<AmpProcessException>(errorId);
        Assert.Equal(1, error.ExitCode);
        Assert.Contains(words.Split("\\n")[0], error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.RecommendedAction!);
    }

    [Theory]
    [InlineData("Invalid or missing API key. Run 'amp login' to authenticate.")]
    [InlineData("Error: 401 Unauthorized")]
    [InlineData("request failed with status 401")]
    [InlineData("Not logged in. Run 'amp login' to authenticate.")]
    [InlineData("Access token expired. Run 'amp login' to refresh.")]
    public async Task A_key_that_is_not_accepted_is_told_as_such(string words)
    {
        using FakeRun run = new(new FakeCliScript().Error(words).Exit(1));
        AmpAuthenticationException error = (await run.RunAsync()).Failed<AmpAuthenticationException>(AmpErrorId.NotAuthenticated);
        Assert.Contains("AMP_API_KEY", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"Error: Thread {Thread} not found or you don't have access")]
    [InlineData($"Thread {Thread} does not exist.")]
    [InlineData($"Error: Thread not found: {Thread}")]
    public async Task A_thread_that_is_not_there_is_told_as_such(string words)
    {
        using FakeRun run = new(new FakeCliScript().Error(words).Exit(1));
        run.Options = run.Options with { ThreadId = Thread };
        (await run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.ThreadNotFound);
    }

    [Theory]
    [InlineData("Error: No thread ID provided and no previously used thread found.")]
    [InlineData("Error: No previously used thread found in this checkout.")]
    public async Task A_latest_thread_that_is_not_there_is_told_as_such(string words)
    {
        using FakeRun run = new(new FakeCliScript().Error(words).Exit(1));
        run.Options = run.Options with { ContinueLatestThread = true };
        (await run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.ThreadNotFound);
    }

    [Theory]
    [InlineData("MCP server 'x': connect ECONNREFUSED 127.0.0.1:3000")]
    [InlineData("git: unknown option: --foo")]
    [InlineData("Error: 429 Too many requests")]
    public async Task Words_of_other_programs_in_the_middle_of_a_run_are_no_cause(string words)
    {
        using FakeRun run = new(new FakeCliScript().Init().Error(words).Assistant("hi").Exit(3));
        (await run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.CliFailed);
    }

    [Fact]
    public async Task A_CLI_that_rejects_an_option_is_asked_for_another_one()
    {
        using FakeRun run = new(new FakeCliScript().Reject("--no-ide"));
        AmpProcessException error = (await run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.UnsupportedByCli);
        Assert.Contains("--no-ide", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_of_the_environment_are_nowhere_in_what_a_user_can_see()
    {
        using FakeRun run = new(new FakeCliScript()
            .Raw("debug canary-4711-key\n").Error("AMP_API_KEY=canary-4711-key Bearer abcdef123 sgamp_user_xyz")
            .Raw("{\"a\":\"canary-4711-key\"\n").Init().Raw("{\"type\":\"assistant\",\"k\":\"canary-4711-key").Exit(3));
        run.Set(("AMP_API_KEY", "canary-4711-key"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Failed<AmpProcessException>(AmpErrorId.CliFailed);
        Assert.DoesNotContain("canary", outcome.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("abcdef123", outcome.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("sgamp_", outcome.Everything, StringComparison.Ordinal);
        Assert.Contains("***", outcome.Everything, StringComparison.Ordinal);
    }
}
