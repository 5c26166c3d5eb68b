using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Amp.LocalService.Threads;
using Xunit;

namespace Amp.LocalService.Tests.Http;

public sealed class ThreadCallTests : IAsyncLifetime
{
    private const string Id = "T-01a1fc10-a079-770e-a298-42b409fd7a85";

    private readonly string _folder = Directory.CreateTempSubdirectory("amp-threads-").FullName;
    private LocalAmpService _service = null!;
    private ModelClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_uploaded_thread_can_be_listed_found_and_fetched()
    {
        await UploadAsync(version: 1, title: "About llamas");
        JsonElement[] list = (await _client.Http.GetFromJsonAsync<JsonElement[]>("/api/threads?createdByUserID=x&archived=false", Token))!;
        Assert.Equal(Id, Assert.Single(list).GetProperty("id").GetString());
        Assert.Equal(1, list[0].GetProperty("messageCount").GetInt32());
        Assert.Equal(Id, Assert.Single(await FindAsync("LLAMAS")).GetProperty("id").GetString());
        Assert.Single(await FindAsync("wool question"));
        Assert.Empty(await FindAsync("llamas camels"));
        Assert.Equal(Id, (await _client.Http.GetFromJsonAsync<JsonElement>($"/api/threads/{Id}", Token)).GetProperty("id").GetString());
        var page = new Uri($"/api/threads/{Id}.md?truncate_tool_results=1", UriKind.Relative);
        string markdown = await _client.Http.GetStringAsync(page, Token);
        Assert.Contains("# About llamas\n\n## User\n\na question about wool", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_version_does_not_replace_a_newer_one_and_what_the_service_knows_stays()
    {
        await UploadAsync(version: 5, title: "new");
        var meta = new { visibility = "public_unlisted", sharedGroupIDs = new[] { "g" } };
        await _client.CallAsync("setThreadMeta", new { thread = Id, meta }, Token);
        await _client.CallAsync("setThreadLabels", new { thread = Id, labels = new[] { "one", "two" } }, Token);
        await UploadAsync(version: 4, title: "old");
        Assert.Equal("new", Assert.Single(_service.Threads).Title);
        await UploadAsync(version: 6, title: "newest");
        StoredThread thread = Assert.Single(_service.Threads);
        Assert.Equal(("newest", "public_unlisted"), (thread.Title, thread.Visibility));
        Assert.Equal(["g"], thread.SharedGroupIds);
        Assert.Equal(["one", "two"], thread.Labels);
        JsonElement labels = (await _client.CallAsync("getThreadLabels", new { thread = Id }, Token)).GetProperty("result");
        Assert.Equal("one", labels[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task An_archived_thread_leaves_the_short_list()
    {
        await UploadAsync(version: 1, title: "x");
        await _client.CallAsync("archiveThread", new { thread = Id, archived = true }, Token);
        Assert.Empty((await _client.Http.GetFromJsonAsync<JsonElement[]>("/api/threads?archived=false", Token))!);
        Assert.Single((await _client.Http.GetFromJsonAsync<JsonElement[]>("/api/threads", Token))!);
        Assert.True(Assert.Single(_service.Threads).IsArchived);
    }

    [Theory]
    [InlineData("getThread")]
    [InlineData("getThreadLabels")]
    [InlineData("setThreadMeta")]
    [InlineData("deleteThread")]
    [InlineData("threadDisplayCostInfo")]
    public async Task An_unknown_thread_is_said_to_be_unknown(string method)
    {
        JsonElement answer = await _client.CallAsync(method, new { thread = Id, threadID = Id }, Token);
        Assert.False(answer.GetProperty("ok").GetBoolean());
        Assert.Equal("thread-not-found", answer.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task An_unknown_thread_has_no_page()
    {
        using HttpResponseMessage response = await _client.Http.GetAsync(new Uri($"/api/threads/{Id}", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Threads_survive_a_restart_in_the_data_folder_and_are_deleted_there()
    {
        await UploadAsync(version: 3, title: "kept");
        await StopAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder, "T-broken.json"), "{", Token);
        await StartAsync();
        StoredThread thread = Assert.Single(_service.Threads);
        Assert.Equal(("kept", 3L, 1), (thread.Title, thread.Version, thread.MessageCount));
        await _client.CallAsync("deleteThread", new { thread = Id }, Token);
        Assert.Empty(_service.Threads);
        Assert.False(File.Exists(Path.Combine(_folder, Id + ".json")));
    }

    [Theory]
    [InlineData("../../evil")]
    [InlineData("T-")]
    [InlineData("T-01a1fc10-a079-770e-a298-42b409fd7a85\n")]
    [InlineData("T-../../../../../../../../../../../tmp/x")]
    public async Task An_id_that_is_none_reaches_no_file(string id)
    {
        var thread = new { id, v = 1, messages = Array.Empty<object>() };
        JsonElement answer = await _client.CallAsync("uploadThread", new { thread }, Token);
        Assert.False(answer.GetProperty("ok").GetBoolean());
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        Assert.Empty(_service.Threads);
    }

    [Fact]
    public async Task A_sync_asks_for_what_is_missing_or_older()
    {
        await UploadAsync(version: 2, title: "x");
        const string Other = "T-11111111-a079-770e-a298-42b409fd7a85";
        object[] threadVersions = [new { id = Id, version = 2 }, new { id = Other, version = 1 }];
        using HttpResponseMessage response = await _client.Http.PostAsJsonAsync("/api/threads/sync", new { threadVersions }, Token);
        JsonElement actions = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("threadActions");
        Assert.Equal("meta", actions[0].GetProperty("action").GetString());
        Assert.Equal("private", actions[0].GetProperty("meta").GetProperty("visibility").GetString());
        Assert.Equal("upload", actions[1].GetProperty("action").GetString());
    }

    private async ValueTask StartAsync()
    {
        _service = await LocalAmpService.StartAsync(new LocalServiceOptions { DataFolder = _folder }, Token);
        _client = new ModelClient(_service.Url);
    }

    private async Task StopAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    private async Task UploadAsync(int version, string title)
    {
        object[] messages =
        [
            new { role = "user", content = new[] { new { type = "text", text = "a question about wool" } } },
            new { role = "assistant", content = new[] { new { type = "text", text = "an answer" } } },
        ];
        JsonElement answer = await _client.CallAsync(
            "uploadThread", new { thread = new { id = Id, v = version, created = 1795230310525, title, messages } }, Token);
        Assert.True(answer.GetProperty("ok").GetBoolean());
    }

    private async Task<JsonElement[]> FindAsync(string query)
    {
        string page = $"/api/threads/find?q={Uri.EscapeDataString(query)}&limit=20";
        JsonElement found = await _client.Http.GetFromJsonAsync<JsonElement>(page, Token);
        return [.. found.GetProperty("threads").EnumerateArray()];
    }
}
