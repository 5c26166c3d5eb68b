using System.Text.Json;
using Amp.LocalService.Threads;
using Amp.Testing;
using Xunit;

namespace Amp.LocalService.Tests.RealCli;

public sealed class ThreadCommandTests
{
    [Theory]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.January2026)]
    public async Task Threads_are_listed_found_shown_and_renamed(RealCliBuild build)
    {
        await using CliBench bench = await CliBench.StartAsync(build);
        string id = (await bench.AskAsync("all about llamas")).ThreadId;
        Assert.Contains(id, await DoAsync(bench, "list"), StringComparison.Ordinal);
        Assert.Contains(id, await DoAsync(bench, "search", "llamas"), StringComparison.Ordinal);
        Assert.Contains("No threads found", await DoAsync(bench, "search", "camels"), StringComparison.Ordinal);
        string markdown = await DoAsync(bench, "markdown", id);
        Assert.StartsWith($"---\ntitle: all about llamas\nthreadId: {id}\n", markdown, StringComparison.Ordinal);
        Assert.Contains("Echo: all about llamas", markdown, StringComparison.Ordinal);
        Assert.Contains($"Thread {id} renamed to \"camels\"", await DoAsync(bench, "rename", id, "camels"), StringComparison.Ordinal);
        Assert.Equal("camels", Assert.Single(bench.Service.Threads).Title);
    }

    [Fact]
    public async Task The_build_of_March_searches_in_json()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026);
        string id = (await bench.AskAsync("all about llamas")).ThreadId;
        JsonElement found = JsonSerializer.Deserialize<JsonElement>(await DoAsync(bench, "search", "--json", "llamas"));
        Assert.Equal(1, found.GetArrayLength());
        Assert.Equal(id, found[0].GetProperty("id").GetString());
        Assert.Equal("all about llamas", found[0].GetProperty("title").GetString());
        Assert.Equal(1, found[0].GetProperty("messageCount").GetInt32());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", found[0].GetProperty("updatedAt").GetString());
    }

    [Fact]
    public async Task Threads_are_archived_and_deleted()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026);
        string id = (await bench.AskAsync("x")).ThreadId;
        Assert.Contains("Thread archived successfully", await DoAsync(bench, "archive", id), StringComparison.Ordinal);
        Assert.True(Assert.Single(bench.Service.Threads).IsArchived);
        Assert.DoesNotContain(id, await DoAsync(bench, "list"), StringComparison.Ordinal);
        Assert.Contains(id, await DoAsync(bench, "list", "--include-archived"), StringComparison.Ordinal);
        Assert.Contains($"Thread {id} deleted", await DoAsync(bench, "delete", id), StringComparison.Ordinal);
        Assert.Empty(bench.Service.Threads);
    }

    [Fact]
    public async Task Threads_are_made_and_shared()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026);
        string id = (await DoAsync(bench, "new", "--visibility", "workspace")).Trim();
        StoredThread thread = Assert.Single(bench.Service.Threads);
        Assert.Equal((id, "thread_workspace_shared"), (thread.Id, thread.Visibility));
        string shared = await DoAsync(bench, "share", id, "--visibility", "public");
        Assert.Contains("visibility changed to public", shared, StringComparison.Ordinal);
        Assert.StartsWith("public_", Assert.Single(bench.Service.Threads).Visibility, StringComparison.Ordinal);
        Assert.Contains("shared with Amp support", await DoAsync(bench, "share", id, "--support", "why"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_of_a_run_arrive()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026);
        await bench.AskAsync("x", "--label", "one", "--label", "two");
        Assert.Equal(["one", "two"], Assert.Single(bench.Service.Threads).Labels);
    }

    [Fact]
    public async Task A_thread_is_handed_off_and_its_price_shown()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026);
        string id = (await bench.AskAsync("all about llamas")).ThreadId;
        string next = (await DoAsync(bench, "handoff", id, "--goal", "shear them", "--print")).Trim();
        Assert.NotEqual(id, next);

        // Not by 'threads markdown', which goes by the CLI's own copy: the CLI may end before that has the message.
        string handedOff = bench.Service.Threads.Single(thread => thread.Id == next).Json;
        Assert.Contains("I asked: all about llamas", handedOff, StringComparison.Ordinal);
        Assert.Contains("shear them", handedOff, StringComparison.Ordinal);
        Assert.Equal("$0.01", (await DoAsync(bench, "usage", id)).Trim());
    }

    [Fact]
    public async Task An_enterprise_workspace_has_a_default_visibility()
    {
        await using CliBench bench = await CliBench.StartAsync(RealCliBuild.March2026, new LocalServiceOptions { IsEnterprise = true });
        Assert.Equal("private", (await DoAsync(bench, "visibility")).Trim());
    }

    [Fact]
    public async Task A_thread_of_an_earlier_service_is_continued_from_its_data_folder()
    {
        string folder = Directory.CreateTempSubdirectory("amp-threads-").FullName;
        try
        {
            // The CLI wants the folder that the thread was started in, so the first bench stays.
            var options = new LocalServiceOptions { DataFolder = folder };
            await using CliBench first = await CliBench.StartAsync(RealCliBuild.March2026, options);
            string id = (await first.AskAsync("one")).ThreadId;
            await first.Service.DisposeAsync();
            await using CliBench second = await CliBench.StartAsync(RealCliBuild.March2026, options);
            CliRun run = await second.RunAsync("two", "threads", "continue", id, "--execute", "--stream-json");
            Assert.Equal("Echo: two", run.Success);
            Assert.Equal(["one", "two"], Assert.Single(second.Service.Requests).Prompts);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> DoAsync(CliBench bench, params string[] arguments)
    {
        CliRun run = await bench.RunAsync("", ["threads", .. arguments]);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        return run.Output;
    }
}
