using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using AgentQueue;
using Amp.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace Amp.Sdk.Extensions.Tests.Hosting;

/// <summary>The example of a service: it runs agents from a queue and leaves nothing behind when it stops.</summary>
[Collection(ProcessTests.Name)]
public sealed class QueueExampleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_gets_its_answer_and_its_run_is_in_the_trace_and_in_the_log()
    {
        using FakeChat chat = new(FakeChat.Whole());
        await using Service service = await Service.StartAsync(chat);
        Assert.Equal("Healthy", await service.Http.GetStringAsync(new Uri("/health", UriKind.Relative), Token));
        JsonElement job = await service.EndOfAsync(await service.AddAsync("Say hello"));
        Assert.Equal(("Succeeded", "There is a.txt.", FakeChat.Thread), (Text(job, "state"), Text(job, "answer"), Text(job, "threadId")));
        Assert.Contains(service.Log.OfRuns, entry => entry.Id.Name == "RunEnded");
        Assert.True(await Eventually.IsTrueAsync(() => service.Activities.Any(activity => activity.DisplayName == "run job"), FakeChat.HangLimit));
        Activity[] activities = [.. service.Activities];
        Activity run = Assert.Single(activities, activity => activity.DisplayName == "run job");
        Activity agent = Assert.Single(activities, activity => activity.DisplayName == "invoke_agent Amp");
        Assert.Equal(run.SpanId, agent.ParentSpanId);
        Assert.Equal(2, activities.Count(activity => activity.DisplayName.StartsWith("execute_tool", StringComparison.Ordinal)));
        Assert.Contains("-Reject", string.Concat(service.App.Services.GetRequiredService<IAmpClient>().Options.Permissions!.Select(rule => $"-{rule.Action}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_job_has_the_id_of_its_error_and_a_canceled_one_can_be_continued()
    {
        using FakeChat chat = new(new FakeCliScript().Session(FakeChat.Thread).EndPolitely().Init().Assistant("working").Hang());
        await using Service service = await Service.StartAsync(chat);
        string canceled = await service.AddAsync("Wait");
        Assert.True(await Eventually.IsTrueAsync(() => chat.HasStarted, FakeChat.HangLimit));
        using (HttpResponseMessage deleted = await service.Http.DeleteAsync(new Uri(canceled, UriKind.Relative), Token))
        {
            Assert.True(deleted.IsSuccessStatusCode);
        }

        Assert.Equal("Canceled", Text(await service.EndOfAsync(canceled), "state"));
        JsonElement failed = await service.EndOfAsync(await service.AddAsync("Wait", threadId: "not a thread"));
        Assert.Equal(("Failed", AmpErrorId.InvalidOption), (Text(failed, "state"), Text(failed, "errorId")));
        chat.NothingIsLeft();
    }

    [Fact]
    public async Task A_worker_goes_on_after_an_error_that_nobody_expected()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        await using Service service = await Service.StartAsync(chat, services => services.AddSingleton<IAmpClient>(new BrokenClient(chat.Options)));
        for (int i = 0; i < 3; i++)
        {
            JsonElement failed = await service.EndOfAsync(await service.AddAsync("break"));
            Assert.Equal(("Failed", nameof(InvalidTimeZoneException)), (Text(failed, "state"), Text(failed, "errorId")));
            Assert.DoesNotContain("inner words", failed.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal("Succeeded", Text(await service.EndOfAsync(await service.AddAsync("hi")), "state"));
        Assert.Equal(3, service.Log.Entries.Count(entry => entry.Category == "AgentQueue.QueueWorker" && entry.Exception is InvalidTimeZoneException));
    }

    [Fact]
    public async Task Stopping_the_service_cancels_what_runs_and_what_waits_and_leaves_no_process()
    {
        using FakeChat chat = new(new FakeCliScript().Session(FakeChat.Thread).EndPolitely().SpawnChild().Init().Assistant("working").Hang());
        await using Service service = await Service.StartAsync(chat);
        string[] jobs = [await service.AddAsync("one"), await service.AddAsync("two"), await service.AddAsync("three")];
        Assert.True(await Eventually.IsTrueAsync(() => FakeCliRecord.ReadAll(chat.Log).Count(record => record.Kind == "Run") == 2, FakeChat.HangLimit));
        await service.App.StopAsync(Token);
        chat.NothingIsLeft();
        JobStore store = service.App.Services.GetRequiredService<JobStore>();
        Job[] ended = [.. jobs.Select(job => store.Find(Guid.Parse(job.Split('/')[^1]))!)];
        Assert.All(ended, job => Assert.Equal(JobState.Canceled, job.State));
        Assert.Equal(2, service.Log.OfRuns.Count(entry => entry.Id.Name == "RunCanceled"));
        Assert.Equal(3, service.Log.Entries.Count(entry => entry.Category == "AgentQueue.QueueWorker" && entry.Level == LogLevel.Warning));
        Assert.Equal(2, FakeCliRecord.ReadAll(chat.Log).Count(record => record.Kind == "Run"));
    }

    private static string? Text(JsonElement job, string name) => job.GetProperty(name).GetString();

    private sealed class Service : IAsyncDisposable
    {
        private readonly int? _limitBefore = AmpThrottle.Limit;

        private Service(WebApplication app, LogCapture log, ConcurrentQueue<Activity> activities)
        {
            App = app;
            Log = log;
            Activities = activities;
            Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        }

        public WebApplication App { get; }

        public LogCapture Log { get; }

        public ConcurrentQueue<Activity> Activities { get; }

        public HttpClient Http { get; }

        public static async Task<Service> StartAsync(FakeChat chat, Action<IServiceCollection>? register = null)
        {
            LogCapture log = new();
            ConcurrentQueue<Activity> activities = new();
            WebApplication app = QueueApp.Create(["--urls=http://127.0.0.1:0"], builder =>
            {
                builder.Logging.ClearProviders().AddProvider(log);
                register?.Invoke(builder.Services);
                builder.Services.AddAmp().Configure(options => options with
                {
                    CliPath = chat.Options.CliPath,
                    WorkingDirectory = chat.Options.WorkingDirectory,
                    Environment = chat.Options.Environment,
                });
                builder.Services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddInMemoryExporter(new Activities(activities)));
            });
            await app.StartAsync(Token);
            return new Service(app, log, activities);
        }

        public async Task<string> AddAsync(string prompt, string? threadId = null)
        {
            using HttpResponseMessage response = await Http.PostAsJsonAsync("/jobs", new { prompt, threadId }, Token);
            Assert.Equal(System.Net.HttpStatusCode.Accepted, response.StatusCode);
            return response.Headers.Location!.ToString();
        }

        public async Task<JsonElement> EndOfAsync(string job)
        {
            JsonElement state = default;
            for (Stopwatch watch = Stopwatch.StartNew(); watch.Elapsed < FakeChat.HangLimit; await Task.Delay(20, Token))
            {
                state = await Http.GetFromJsonAsync<JsonElement>(job, Token);
                if (Text(state, "state") is not ("Waiting" or "Running"))
                {
                    break;
                }
            }

            return state;
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await App.DisposeAsync();
            AmpThrottle.Limit = _limitBefore;
        }
    }

    private sealed class BrokenClient(AmpOptions options) : AgentClient(options)
    {
        public override Task<RunPlan> PlanAsync(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
            prompt == "break" ? throw new InvalidTimeZoneException("inner words") : base.PlanAsync(prompt, options, cancellationToken);
    }

    // The exporter wants a collection, and runs end on several threads.
    private sealed class Activities(ConcurrentQueue<Activity> queue) : ICollection<Activity>
    {
        public int Count => queue.Count;

        public bool IsReadOnly => false;

        public void Add(Activity item) => queue.Enqueue(item);

        public void Clear() => queue.Clear();

        public bool Contains(Activity item) => queue.Contains(item);

        public void CopyTo(Activity[] array, int arrayIndex) => queue.CopyTo(array, arrayIndex);

        public bool Remove(Activity item) => false;

        public IEnumerator<Activity> GetEnumerator() => queue.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
