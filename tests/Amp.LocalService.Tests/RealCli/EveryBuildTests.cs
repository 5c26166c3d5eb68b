using System.Text.Json;
using Amp.LocalService.Model;
using Amp.Testing;
using Xunit;

namespace Amp.LocalService.Tests.RealCli;

/// <summary>One scenario gives the same conversation on every build, whoever runs the agent loop.</summary>
public sealed class EveryBuildTests
{
    public static TheoryData<RealCliBuild> Builds { get; } = new(
        RealCliBuild.January2026, RealCliBuild.March2026, RealCliBuild.May2026, RealCliBuild.September2026);

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_prompt_gets_an_answer(RealCliBuild build)
    {
        await using CliBench bench = await CliBench.StartAsync(build);
        CliRun run = await bench.AskAsync("Say hello");
        Assert.Equal("Echo: Say hello", run.Success);
        Assert.Equal(["system init", "user", "assistant", "result success"], Kinds(run));
        ModelRequest request = Assert.Single(bench.Service.Requests);
        Assert.Equal((run.ThreadId, "Say hello", 1), (request.ThreadId, request.Prompt, request.Number));
        Threads.StoredThread thread = Assert.Single(bench.Service.Threads);
        Assert.Equal((run.ThreadId, "Say hello", 1), (thread.Id, thread.Title, thread.MessageCount));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Several_tools_of_one_answer_really_run(RealCliBuild build)
    {
        await using CliBench bench = await CliBench.StartAsync(build);
        CliRun run = await bench.AskAsync("""RUN:shell {"command":"echo one"}END RUN:shell {"command":"echo two"}END""");
        const string One = """[{"type":"text","text":"<output>one\n</output>\n<exitCode>0</exitCode>"}]""";
        const string Two = """[{"type":"text","text":"<output>two\n</output>\n<exitCode>0</exitCode>"}]""";
        Assert.Equal($"Result: {One}\n{Two}", run.Success);
        Assert.Equal("system init", Kinds(run)[0]);
        Assert.Equal("result success", Kinds(run)[^1]);
        Assert.Equal(2, run.Blocks.Count(block => block.GetProperty("type").GetString() == "tool_result"));
        Assert.Equal([0, 1], bench.Service.Requests.Select(request => request.Step));
        Assert.Contains(bench.Service.Requests[0].OfferedTools, name => name is "Bash" or "shell_command");
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_tool_that_fails_is_reported(RealCliBuild build)
    {
        await using CliBench bench = await CliBench.StartAsync(build);
        string missing = JsonSerializer.Serialize(Path.Combine(bench.Project, "missing.md"));
        CliRun run = await bench.AskAsync($$"""RUN:Read {"path":{{missing}}}END""");
        Assert.Contains("<error>", run.Success, StringComparison.Ordinal);
        JsonElement result = Assert.Single(run.Blocks, block => block.GetProperty("type").GetString() == "tool_result");
        Assert.True(result.GetProperty("is_error").GetBoolean());
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task An_error_of_the_model_ends_the_run(RealCliBuild build)
    {
        await using CliBench bench = await CliBench.StartAsync(
            build, """{ "rules": [{ "answer": { "error": { "status": 429, "message": "told so" } } }] }""");
        CliRun run = await bench.AskAsync("x");
        Assert.Contains("told so", run.Failure, StringComparison.Ordinal);
        Assert.Equal("result error_during_execution", Kinds(run)[^1]);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task An_answer_of_two_megabytes_arrives_whole(RealCliBuild build)
    {
        await using CliBench bench = await CliBench.StartAsync(
            build, """{ "rules": [{ "answer": { "blocks": [{ "repeatText": "wool ", "bytes": 2000000 }] } }] }""");
        Assert.Equal(2000000, (await bench.AskAsync("go")).Success.Length);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_thread_goes_on(RealCliBuild build)
    {
        await using CliBench bench = await CliBench.StartAsync(build);
        string[] keep = build == RealCliBuild.September2026 ? ["--no-archive-after-execute"] : [];
        string id = (await bench.AskAsync("one", keep)).ThreadId;
        CliRun next = await bench.RunAsync("two", "threads", "continue", id, "--execute", "--stream-json");
        Assert.Equal(("Echo: two", id), (next.Success, next.ThreadId));
        Assert.Equal(["one", "two"], bench.Service.Requests[^1].Prompts);
        Assert.Equal(2, Assert.Single(bench.Service.Threads).MessageCount);
    }

    private static string[] Kinds(CliRun run) => [.. run.Messages.Select(message =>
        message.GetProperty("type").GetString()
        + (message.TryGetProperty("subtype", out JsonElement subtype) ? " " + subtype.GetString() : ""))];
}
