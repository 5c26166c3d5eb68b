using System.Text.Json;
using Amp.Testing;
using Xunit;

namespace Amp.LocalService.Tests.RealCli;

/// <summary>What only the native builds do: they leave the agent loop and the threads to the service.</summary>
public sealed class NativeTests
{
    private const RealCliBuild Build = RealCliBuild.September2026;

    [Fact]
    public async Task Thinking_is_shown_where_it_is_asked_for()
    {
        await using CliBench bench = await CliBench.StartAsync(Build);
        CliRun run = await bench.AskAsync("THINK about it", "--stream-json-thinking");
        JsonElement thinking = Assert.Single(run.Blocks, block => block.GetProperty("type").GetString() == "thinking");
        Assert.Equal("let me think", thinking.GetProperty("thinking").GetString());
    }

    [Fact]
    public async Task A_title_and_labels_arrive_and_an_archived_thread_is_not_continued()
    {
        await using CliBench bench = await CliBench.StartAsync(Build);
        string id = (await bench.AskAsync("x", "--title", "A title", "--label", "one", "--label", "two")).ThreadId;
        Threads.StoredThread thread = Assert.Single(bench.Service.Threads);
        Assert.Equal((id, "A title", true), (thread.Id, thread.Title, thread.IsArchived));
        Assert.Equal(["one", "two"], thread.Labels);
        CliRun again = await bench.RunAsync("y", "threads", "continue", id, "--execute", "--stream-json");
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("archived", again.Error, StringComparison.Ordinal);
        Assert.Single(bench.Service.Requests);
    }

    [Fact]
    public async Task A_run_goes_on_when_its_connection_breaks()
    {
        await using CliBench bench = await CliBench.StartAsync(
            Build, """{ "rules": [{ "answer": { "cut": "middle", "blocks": ["after the break"] } }] }""");
        Assert.Equal("after the break", (await bench.AskAsync("x")).Success);
        Assert.Single(bench.Service.Requests);
    }

    [Fact]
    public async Task Tools_that_the_settings_switch_off_are_not_offered()
    {
        await using CliBench bench = await CliBench.StartAsync(Build);
        Configure(bench, """{"amp.tools.disable":["shell_command"]}""");
        Assert.Equal("Echo: x", (await bench.AskAsync("x")).Success);
        Assert.DoesNotContain("shell_command", Assert.Single(bench.Service.Requests).OfferedTools);
        Assert.Contains("Read", bench.Service.Requests[0].OfferedTools);
    }

    [Fact]
    public async Task A_question_about_a_guarded_file_is_answered_with_an_error_and_kept()
    {
        await using CliBench bench = await CliBench.StartAsync(Build);
        Configure(bench, """{"amp.permissions":[{"tool":"*","action":"allow"}]}""");
        string file = Path.Combine(Path.GetDirectoryName(bench.Project)!, ".ssh", "config");
        CliRun run = await bench.AskAsync($$"""RUN:create_file {"path":{{JsonSerializer.Serialize(file)}},"content":"x"}END""");
        JsonElement result = Assert.Single(run.Blocks, block => block.GetProperty("type").GetString() == "tool_result");
        Assert.True(result.GetProperty("is_error").GetBoolean());
        Assert.Contains("ui.select", Assert.Single(bench.Service.PluginRequests), StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Threads_are_listed_found_shown_renamed_and_deleted()
    {
        await using CliBench bench = await CliBench.StartAsync(Build);
        string id = (await bench.AskAsync("all about llamas", "--no-archive-after-execute")).ThreadId;
        Assert.Contains(id, await DoAsync(bench, "list"), StringComparison.Ordinal);
        JsonElement row = Assert.Single(JsonSerializer.Deserialize<JsonElement[]>(await DoAsync(bench, "list", "--json"))!);
        Assert.Equal((id, "all about llamas"), (row.GetProperty("id").GetString(), row.GetProperty("title").GetString()));
        Assert.Contains(id, await DoAsync(bench, "search", "llamas"), StringComparison.Ordinal);
        Assert.Contains("Echo: all about llamas", await DoAsync(bench, "markdown", id), StringComparison.Ordinal);
        Assert.Contains("Echo: all about llamas", await DoAsync(bench, "export", id), StringComparison.Ordinal);
        Assert.Contains("Echo: all about llamas", await DoAsync(bench, "raw", id), StringComparison.Ordinal);
        Assert.Contains("$0.01", await DoAsync(bench, "usage", id), StringComparison.Ordinal);
        await DoAsync(bench, "rename", id, "camels");
        Assert.Equal("camels", Assert.Single(bench.Service.Threads).Title);
        await DoAsync(bench, "delete", id);
        Assert.Empty(bench.Service.Threads);
    }

    private static void Configure(CliBench bench, string settings)
    {
        string folder = Path.Combine(Path.GetDirectoryName(bench.Project)!, ".config", "amp");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "settings.json"), settings);
    }

    private static async Task<string> DoAsync(CliBench bench, params string[] arguments)
    {
        CliRun run = await bench.RunAsync("", ["threads", .. arguments]);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        return run.Output;
    }
}
