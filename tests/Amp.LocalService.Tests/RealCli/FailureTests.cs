using Amp.Testing;
using Xunit;

namespace Amp.LocalService.Tests.RealCli;

/// <summary>What the CLI makes of failures. None of them is tried again in stream JSON mode, whatever Retry-After says.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData(400, """400 {"type":"error","error":{"type":"invalid_request_error","message":"told so"}}""")]
    [InlineData(401, "Unauthorized Check your access token.")]
    [InlineData(429, """429 {"type":"error","error":{"type":"rate_limit_error","message":"told so"}}""")]
    [InlineData(500, """500 {"type":"error","error":{"type":"api_error","message":"told so"}}""")]
    [InlineData(529, "Model Provider Overloaded Try again in a few seconds.")]
    public async Task An_error_of_the_model_ends_the_run_at_once(int status, string error)
    {
        await using CliBench bench = await CliBench.StartAsync(
            RealCliBuild.March2026,
            $$"""{ "rules": [{ "answer": { "error": { "status": {{status}}, "message": "told so", "retryAfter": 1 } } }] }""");
        CliRun run = await bench.AskAsync("x");
        Assert.Equal(error, run.Failure);
        Assert.Single(bench.Service.Requests);
    }

    [Theory]
    [InlineData("""{ "cut": "before" }""", "Connection error.")]
    [InlineData("""{ "cut": "headers" }""", "terminated")]
    [InlineData("""{ "cut": "middle", "blocks": ["half of this"] }""", "terminated")]
    public async Task A_cut_connection_ends_the_run_at_once(string answer, string error)
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026, $$"""{ "rules": [{ "answer": {{answer}} }] }""");
        CliRun run = await bench.AskAsync("x");
        Assert.Equal(error, run.Failure);
        Assert.Single(bench.Service.Requests);
    }

    [Theory]
    [InlineData("""{ "error": { "status": 401 } }""", "Unauthorized. Check your access token.")]
    [InlineData("""{ "error": { "status": 529 } }""", "Model provider overloaded. Try again in a few seconds.")]
    public async Task The_build_of_January_has_words_of_its_own(string answer, string error)
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.January2026, $$"""{ "rules": [{ "answer": {{answer}} }] }""");
        Assert.Equal(error, (await bench.AskAsync("x")).Failure);
    }

    [Fact]
    public async Task A_failure_that_happens_once_is_over_the_next_time()
    {
        await using CliBench bench = await CliBench.StartAsync(
            RealCliBuild.March2026, """{ "rules": [{ "times": 1, "answer": { "error": { "status": 429 } } }] }""");
        string id = (await bench.AskAsync("x")).ThreadId;
        CliRun again = await bench.RunAsync("go on", "threads", "continue", id, "--execute", "--stream-json");
        Assert.Equal("Echo: go on", again.Success);
    }

    [Fact]
    public async Task A_request_that_no_rule_foresees_is_shown()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026, """{ "unmatched": "error", "rules": [] }""");
        string error = (await bench.AskAsync("surprise")).Failure;
        Assert.Contains("No rule of the scenario matches turn 0, step 0, prompt: surprise", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RealCliBuild.March2026, "Error: Invalid or missing API key. Run 'amp login' to authenticate.")]
    [InlineData(RealCliBuild.January2026, "Error: Not logged in. Run 'amp login' to authenticate.")]
    public async Task A_wrong_key_is_refused(RealCliBuild build, string error)
    {
        await using CliBench bench = await CliBench.StartAsync(build, new LocalServiceOptions { ApiKey = "right" });
        bench.ApiKey = "wrong";
        CliRun run = await bench.AskAsync("x");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(error, run.Error, StringComparison.Ordinal);
        bench.ApiKey = "right";
        Assert.Equal("Echo: x", (await bench.AskAsync("x")).Success);
    }

    [Theory]
    [InlineData(RealCliBuild.March2026, "Error: Couldn't connect to the Amp server at ")]
    [InlineData(RealCliBuild.January2026, "Error: Cannot reach Amp servers. Are you offline?")]
    public async Task A_service_that_is_down_is_reported_and_nothing_is_answered(RealCliBuild build, string error)
    {
        await using CliBench bench = await CliBench.StartAsync(build);
        await bench.Service.DisposeAsync();
        CliRun run = await bench.AskAsync("x");
        Assert.Equal(1, run.ExitCode);

        // How many messages of its own the CLI of January gets out before it notices depends on how busy the machine is.
        Assert.DoesNotContain(run.Messages, message => message.GetProperty("type").GetString() == "assistant");
        Assert.StartsWith(error, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("continue", "--execute", "--stream-json")]
    [InlineData("markdown")]
    public async Task An_unknown_thread_does_not_exist(string command, params string[] options)
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026);
        const string Id = "T-01a1fc10-a079-770e-a298-42b409fd7a99";
        CliRun run = await bench.RunAsync("x", ["threads", command, Id, .. options]);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Equal($"Thread {Id} does not exist.", run.Error.Trim());
    }
}
