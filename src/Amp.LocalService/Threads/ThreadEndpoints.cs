using System.Globalization;
using System.Text.Json;
using Amp.LocalService.Http;
using Amp.LocalService.Json;
using Microsoft.AspNetCore.Http;

namespace Amp.LocalService.Threads;

/// <summary>What the CLI asks about threads outside its internal calls.</summary>
internal sealed class ThreadEndpoints(ThreadStore threads)
{
    public Task ListAsync(HttpContext context)
    {
        bool isUnarchivedOnly = context.Request.Query["archived"] == "false";
        IEnumerable<object> rows = threads.Snapshot()
            .Where(thread => !isUnarchivedOnly || !thread.IsArchived)
            .Select(Summary);
        return JsonAnswer.SendAsync(context, StatusCodes.Status200OK, rows.ToArray());
    }

    public Task FindAsync(HttpContext context)
    {
        StoredThread[] found = ThreadSearch.Find(threads.Snapshot(), context.Request.Query["q"].ToString()).ToArray();
        int offset = Number(context, "offset", 0);
        int limit = Number(context, "limit", 20);
        return JsonAnswer.SendAsync(context, StatusCodes.Status200OK, new
        {
            threads = found.Skip(offset).Take(limit).Select(Summary).ToArray(),
            hasMore = found.Length > (long)offset + limit,
        });
    }

    public async Task ShowAsync(HttpContext context)
    {
        string name = context.Request.RouteValues["id"]?.ToString() ?? "";
        bool isMarkdown = name.EndsWith(".md", StringComparison.Ordinal);
        if (threads.Find(isMarkdown ? name[..^3] : name) is not { } thread)
        {
            await JsonAnswer.SendAsync(context, StatusCodes.Status404NotFound, new { error = "Thread not found" });
            return;
        }

        context.Response.ContentType = isMarkdown ? "text/markdown; charset=utf-8" : "application/json";
        await context.Response.WriteAsync(isMarkdown ? ThreadMarkdown.Render(thread) : thread.Json, context.RequestAborted);
    }

    public async Task SyncAsync(HttpContext context)
    {
        using JsonDocument body = JsonDocument.Parse(await RequestBody.ReadTextAsync(context.Request));
        object[] actions = body.RootElement.Member("threadVersions").Items().Select(Action).OfType<object>().ToArray();
        await JsonAnswer.SendAsync(context, StatusCodes.Status200OK, new { threadActions = actions });
    }

    private object? Action(JsonElement version)
    {
        string? id = version.TextOf("id");
        if (!ThreadId.IsValid(id))
        {
            return null;
        }

        long theirs = version.NumberOf("version") ?? 0;
        return threads.Find(id) is { } thread && thread.Version >= theirs
            ? new { id, action = "meta", meta = Meta(thread) }
            : new { id, action = "upload" };
    }

    /// <summary>A thread as lists show it.</summary>
    public static object Summary(StoredThread thread) => new
    {
        id = thread.Id,
        title = thread.Title,
        created = thread.Created.ToUnixTimeMilliseconds(),
        createdAt = Timestamp(thread.Created),
        firstSyncAt = Timestamp(thread.Created),
        updatedAt = Timestamp(thread.UpdatedAt),
        creatorUserID = LocalUser.Id,
        messageCount = thread.MessageCount,
        archived = thread.IsArchived,
        labels = thread.Labels,
        v = thread.Version,
        meta = Meta(thread),
    };

    /// <summary>Who may see a thread.</summary>
    public static object Meta(StoredThread thread) => new { visibility = thread.Visibility, sharedGroupIDs = thread.SharedGroupIds };

    // As JavaScript writes it, which is what readers of the CLI's output meet.
    private static string Timestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static int Number(HttpContext context, string name, int otherwise) =>
        int.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
