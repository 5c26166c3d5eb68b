using System.Text.Json;
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
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("method", out JsonElement method) || method.ValueKind != JsonValueKind.String)
        {
            await JsonAnswer.SendAsync(context, StatusCodes.Status400BadRequest, Failure("invalid-request", "No method is given."));
            return;
        }

        root.TryGetProperty("params", out JsonElement parameters);
        await JsonAnswer.SendAsync(context, StatusCodes.Status200OK, Answer(method.GetString()!, parameters));
    }

    private object Answer(string method, JsonElement parameters) => method switch
    {
        "getUserInfo" => Success(LocalUser.Info(isEnterprise)),
        "uploadThread" => threads.Upload(Member(parameters, "thread"))
            ? Success(s_done)
            : Failure("invalid-thread", "The thread has no valid ID."),
        "getThread" => OfThread(parameters, thread => new
        {
            thread = JsonDocument.Parse(thread.Json).RootElement,
            meta = ThreadEndpoints.Meta(thread),
        }),
        "getThreadLinkInfo" => OfThread(parameters, thread => new
        {
            creatorUserID = LocalUser.Id,
            title = thread.Title,
            visibility = thread.Visibility,
        }),
        "setThreadMeta" => Changed(parameters, thread => WithMeta(thread, Member(parameters, "meta"))),
        "getThreadLabels" => OfThread(parameters, thread => thread.Labels.Select(label => new { name = label }).ToArray()),
        "setThreadLabels" => Changed(parameters, thread => thread with { Labels = Texts(Member(parameters, "labels")) }),
        "getUserLabels" => Success(threads.Snapshot().SelectMany(thread => thread.Labels).Distinct().Select(label => new { name = label }).ToArray()),
        "archiveThread" => Changed(parameters, thread => thread with { IsArchived = Member(parameters, "archived").ValueKind != JsonValueKind.False }),
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

    private static StoredThread WithMeta(StoredThread thread, JsonElement meta) => thread with
    {
        Visibility = Member(meta, "visibility") is { ValueKind: JsonValueKind.String } visibility ? visibility.GetString()! : thread.Visibility,
        SharedGroupIds = Texts(Member(meta, "sharedGroupIDs")),
    };

    // A price that follows from the thread alone, so that what shows it can be tested.
    private static object Cost(StoredThread thread)
    {
        decimal paid = 0.01m * thread.AnswerCount;
        return new { totalCostUSD = paid, costBreakdown = new { freeUSD = 0m, paidUSD = paid }, costBreakdownURL = (string?)null };
    }

    private static string? IdOf(JsonElement parameters)
    {
        foreach (string name in new[] { "thread", "threadID", "threadId" })
        {
            if (Member(parameters, name) is { ValueKind: JsonValueKind.String } id)
            {
                return id.GetString();
            }
        }

        return null;
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement member) ? member : default;

    private static string[] Texts(JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? element.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!).ToArray()
        : [];

    private static object Success(object result) => new { ok = true, result };

    private static object NotFound() => Failure("thread-not-found", "Thread not found");

    private static object Failure(string code, string message) => new { ok = false, error = new { code, message } };
}
