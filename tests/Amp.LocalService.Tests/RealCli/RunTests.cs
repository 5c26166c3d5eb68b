using System.Text.Json;
using Amp.LocalService.Scenarios;
using Amp.Testing;
using Xunit;

namespace Amp.LocalService.Tests.RealCli;

public sealed class RunTests
{
    [Theory]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.January2026)]
    public async Task A_prompt_gets_an_answer_and_its_thread_arrives(RealCliBuild build)
    {
        await using CliBench bench = await CliBench.StartAsync(build);
        CliRun run = await bench.AskAsync("Say hello");
        Assert.Equal("Echo: Say hello", run.Success);
        Model.ModelRequest request = Assert.Single(bench.Service.Requests);
        Assert.Equal((run.ThreadId, "Say hello"), (request.ThreadId, request.Prompt));
        Assert.Contains("Bash", request.OfferedTools);
        Assert.Contains("You are Amp", request.SystemPrompt, StringComparison.Ordinal);
        Threads.StoredThread thread = Assert.Single(bench.Service.Threads);
        Assert.Equal((run.ThreadId, "Say hello", 1), (thread.Id, thread.Title, thread.MessageCount));
    }

    [Theory]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.January2026)]
    public async Task A_tool_really_runs(RealCliBuild build)
    {
        await using CliBench bench = await CliBench.StartAsync(build);
        await File.WriteAllTextAsync(Path.Combine(bench.Project, "a.txt"), "", TestContext.Current.CancellationToken);
        CliRun run = await bench.AskAsync("""RUN:Bash {"cmd":"ls"}END""");
        Assert.Equal("""Result: [{"type":"text","text":"<output>a.txt\n</output>\n<exitCode>0</exitCode>"}]""", run.Success);
        JsonElement result = Assert.Single(run.Blocks, block => block.GetProperty("type").GetString() == "tool_result");
        Assert.Equal("""{"output":"a.txt\n","exitCode":0}""", result.GetProperty("content").GetString());
        Assert.Equal([0, 1], bench.Service.Requests.Select(request => request.Step));
    }

    [Fact]
    public async Task A_tool_that_fails_is_reported()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026);
        string missing = Path.Combine(bench.Project, "missing.md");
        CliRun run = await bench.AskAsync($$"""RUN:Read {"path":{{JsonSerializer.Serialize(missing)}}}END""");
        Assert.StartsWith("""Result: [{"type":"text","text":"<error>File not found: """, run.Success, StringComparison.Ordinal);
        JsonElement result = Assert.Single(run.Blocks, block => block.GetProperty("type").GetString() == "tool_result");
        Assert.True(result.GetProperty("is_error").GetBoolean());
    }

    [Fact]
    public async Task Several_tools_run_in_one_answer()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026);
        CliRun run = await bench.AskAsync("""RUN:Bash {"cmd":"echo one"}END RUN:Bash {"cmd":"echo two"}END""");
        Assert.Contains("<output>one", run.Success, StringComparison.Ordinal);
        Assert.Contains("<output>two", run.Success, StringComparison.Ordinal);
        Assert.Equal(2, bench.Service.Requests.Count);
    }

    [Fact]
    public async Task A_tool_that_needs_approval_ends_the_run()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026);
        CliRun run = await bench.AskAsync("""RUN:Bash {"cmd":"git push"}END""");
        Assert.Equal("The following tools require user approval, which is not supported in stream JSON mode: Bash", run.Failure);
    }

    [Fact]
    public async Task Thinking_is_shown_where_it_is_asked_for()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026);
        CliRun run = await bench.AskAsync("THINK about it", "--stream-json-thinking");
        Assert.Equal("Echo: THINK about it", run.Success);
        JsonElement thinking = Assert.Single(run.Blocks, block => block.GetProperty("type").GetString() == "thinking");
        Assert.Equal("let me think", thinking.GetProperty("thinking").GetString());
    }

    [Theory]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.January2026)]
    public async Task A_thread_goes_on_by_id_and_as_the_last_one(RealCliBuild build)
    {
        await using CliBench bench = await CliBench.StartAsync(build);
        string id = (await bench.AskAsync("one")).ThreadId;
        CliRun byId = await bench.RunAsync("two", "threads", "continue", id, "--execute", "--stream-json");
        CliRun last = await bench.RunAsync("three", "threads", "continue", "--execute", "--stream-json");
        Assert.Equal(["Echo: two", "Echo: three"], [byId.Success, last.Success]);
        Assert.Equal([id, id], [byId.ThreadId, last.ThreadId]);
        Assert.Equal(["one", "two", "three"], bench.Service.Requests[^1].Prompts);
        Assert.Equal(3, Assert.Single(bench.Service.Threads).MessageCount);
    }

    [Fact]
    public async Task A_prompt_of_three_megabytes_arrives_whole_as_a_message()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026, """{ "rules": [{ "answer": "read" }] }""");
        string prompt = string.Concat(Enumerable.Repeat("0123456789äbcd\n", 3 * 1024 * 64)) + "end";
        string message = JsonSerializer.Serialize(new
        {
            type = "user",
            message = new { role = "user", content = new[] { new { type = "text", text = prompt } } },
        });
        CliRun run = await bench.RunAsync(message + "\n", "--execute", "--stream-json", "--stream-json-input");
        Assert.Equal("read", run.Success);
        Assert.Equal(prompt, Assert.Single(bench.Service.Requests).Prompt);
    }

    [Fact]
    public async Task A_prompt_as_plain_text_is_cut_by_the_cli_at_one_mebibyte()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026, """{ "rules": [{ "answer": "read" }] }""");
        CliRun run = await bench.AskAsync(new string('x', 3 * 1024 * 1024));
        Assert.Equal("read", run.Success);
        Assert.Equal(1024 * 1024, Assert.Single(bench.Service.Requests).Prompt.Length);
    }

    [Fact]
    public async Task An_answer_of_two_megabytes_arrives_whole()
    {
        await using CliBench bench = await CliBench.StartAsync(
            RealCliBuild.March2026, """{ "rules": [{ "answer": { "blocks": [{ "repeatText": "wool ", "bytes": 2000000 }] } }] }""");
        Assert.Equal(2000000, (await bench.AskAsync("go")).Success.Length);
    }

    [Fact]
    public async Task A_subagent_is_answered_too()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026);
        CliRun run = await bench.AskAsync("""RUN:Task {"description":"d","prompt":"below"}END""");
        Assert.Equal("""Result: [{"type":"text","text":"Echo: below"}]""", run.Success);
    }

    [Fact]
    public async Task The_demo_looks_summarises_and_remembers()
    {
        var scenario = Scenario.Load(Path.Combine(RepositoryLayout.Root, "examples", "scenarios", "demo.json"));
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026, new LocalServiceOptions { Scenario = scenario });
        await File.WriteAllTextAsync(Path.Combine(bench.Project, "notes.md"), "", TestContext.Current.CancellationToken);
        CliRun first = await bench.AskAsync("Which files are here?");
        Assert.Equal("These files are here:\n\nnotes.md", first.Success);
        CliRun second = await bench.RunAsync("What did I ask first?", "threads", "continue", first.ThreadId, "--execute", "--stream-json");
        Assert.Equal("You first asked me: \"Which files are here?\". I ran ls and told you what it showed.", second.Success);
    }
}
