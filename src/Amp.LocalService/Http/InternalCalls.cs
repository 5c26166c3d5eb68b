using System.Globalization;
using System.Text.Json;
using Amp.LocalService.Json;
using Amp.LocalService.Threads;
using Microsoft.AspNetCore.Http;

namespace Amp.LocalService.Http;

/// <summary>The CLI's internal remote calls: <c>{"method","params"}</c> in, <c>{"ok":true,"result"}</c> or an error code out.</summary>
internal sealed class InternalCalls(ThreadStore threads, bool isEnterprise)
{
    private static readonly object s_done = new { ok = true };

    public async Task AnswerAsync(HttpContext context)
    {
        using JsonDocument body = JsonDocument.Parse(await RequestBody.ReadTextAsync(context.Request));
        JsonElement root = body.RootElement;
        if (root.TextOf("method") is not { } method)
        {
            await JsonAnswer.SendAsync(context, StatusCodes.Status400BadRequest, Failure("invalid-request", "No method is given."));
            return;
        }

        await JsonAnswer.SendAsync(context, StatusCodes.Status200OK, Answer(method, root.Member("params")));
    }

    private object Answer(string method, JsonElement parameters) => method switch
    {
        "getUserInfo" => Success(LocalUser.Info(isEnterprise)),
        "uploadThread" => threads.Upload(parameters.Member("thread"))
            ? Success(s_done)
            : Failure("invalid-thread", "The thread has no valid ID."),
        "loadPlugins" => Success(Array.Empty<object>()),
        "loadSkills" => Success(new { skills = Array.Empty<object>() }),
        "getThread" => OfThread(parameters, thread => new
        {
            thread = ThreadDocument.Make(thread),
            meta = ThreadEndpoints.Meta(thread),
        }),
        "getThreadTail" => OfThread(parameters, thread => new
        {
            thread = ThreadDocument.Make(thread),
            messages = ThreadDocument.Messages(thread),
            hasMoreBefore = false,
        }),
        "listThreads" => Success(new { threads = ListThreads(parameters) }),
        "getThreadMessagesPage" => OfThread(parameters, thread => ThreadDocument.Page(
            thread, parameters.NumberOf("fromIndex") ?? 0, parameters.NumberOf("limit") ?? int.MaxValue)),
        "getThreadProject" => Success(new { project = (object?)null }),
        "getThreadLinkInfo" => OfThread(parameters, thread => new
        {
            creatorUserID = LocalUser.Id,
            title = thread.Title,
            visibility = thread.Visibility,
        }),
        "setThreadMeta" => Changed(parameters, thread => WithMeta(thread, parameters.Member("meta"))),
        "getThreadLabels" => OfThread(parameters, thread => Labels(thread.Labels)),
        "setThreadLabels" => Changed(parameters, thread => thread with { Labels = Texts(parameters.Member("labels")) }),
        "addThreadLabels" => AddLabels(parameters),
        "getUserLabels" => Success(Labels(threads.Snapshot().SelectMany(thread => thread.Labels).Distinct())),
        "archiveThread" => Changed(parameters, thread => thread with
        {
            IsArchived = parameters.Member("archived").ValueKind != JsonValueKind.False,
        }),
        "deleteThread" => threads.Delete(IdOf(parameters)) ? Success(s_done) : NotFound(),
        "threadDisplayCostInfo" => OfThread(parameters, Cost),
        "userDisplayBalanceInfo" => Success(new { displayText = "Local service: nothing is billed." }),
        "discoverThreads" => Success(new { threadIDs = Array.Empty<string>() }),
        _ => Success(new { }),
    };

    private object OfThread(JsonElement parameters, Func<StoredThread, object> result) =>
        threads.Find(IdOf(parameters)) is { } thread ? Success(result(thread)) : NotFound();

    private object Changed(JsonElement parameters, Func<StoredThread, StoredThread> change) =>
        threads.Change(IdOf(parameters), change) ? Success(s_done) : NotFound();

    private object AddLabels(JsonElement parameters)
    {
        string[] added = Texts(parameters.Member("labels"));
        return threads.Change(IdOf(parameters), thread => thread with { Labels = [.. thread.Labels.Union(added)] })
            ? OfThread(parameters, thread => Labels(thread.Labels))
            : NotFound();
    }

    private object[] ListThreads(JsonElement parameters)
    {
        bool hasArchived = parameters.Member("includeArchived").ValueKind == JsonValueKind.True;
        IEnumerable<StoredThread> rows = threads.Snapshot().Where(thread => hasArchived || !thread.IsArchived);
        if (parameters.Member("threadIDs") is { ValueKind: JsonValueKind.Array } ids)
        {
            rows = rows.Where(thread => Texts(ids).Contains(thread.Id));
        }

        string[] excluded = Texts(parameters.Member("excludeLabelNames"));
        return rows.Where(thread => !thread.Labels.Intersect(excluded).Any())
            .Skip((int)Math.Clamp(parameters.NumberOf("offset") ?? 0, 0, int.MaxValue))
            .Take((int)Math.Clamp(parameters.NumberOf("limit") ?? int.MaxValue, 0, int.MaxValue))
            .Select(ThreadDocument.Row)
            .ToArray();
    }

    private static StoredThread WithMeta(StoredThread thread, JsonElement meta) => thread with
    {
        Visibility = meta.TextOf("visibility") ?? thread.Visibility,
        SharedGroupIds = Texts(meta.Member("sharedGroupIDs")),
    };

    // A price that follows from the thread alone, so that what shows it can be tested.
    private static object Cost(StoredThread thread)
    {
        decimal paid = 0.01m * thread.AnswerCount;
        return new
        {
            title = thread.Title ?? "Untitled",
            totalCostUSD = paid,
            costBreakdown = new { freeUSD = 0m, paidUSD = paid, subscriptionUSD = 0m },
            costBreakdownURL = "",
            displayText = string.Create(CultureInfo.InvariantCulture, $"Thread cost: ${paid:0.00}"),
        };
    }

    private static string? IdOf(JsonElement parameters) => parameters.TextOf("thread") ?? parameters.TextOf("threadID");

    private static string[] Texts(JsonElement element) =>
        element.Items().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!).ToArray();

    private static object[] Labels(IEnumerable<string> labels) => labels.Select(label => (object)new { name = label }).ToArray();

    private static object Success(object result) => new { ok = true, result };

    private static object NotFound() => Failure("thread-not-found", "Thread not found");

    private static object Failure(string code, string message) => new { ok = false, error = new { code, message } };
}
