using System.Text.Json.Nodes;
using Amp.Plans;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Services;
using Amp.Testing;

namespace Amp.Sdk.Tests.Services;

public sealed class RunServiceTests
{
    [Fact]
    public async Task The_CLI_is_told_what_a_service_says_when_it_is_open()
    {
        using SettingsRun run = new("""{ "amp.permissions": [{ "tool": "Bash", "action": "reject" }] }""");
        run.Options = run.Options with { Permissions = [new AmpPermission("Read", PermissionAction.Allow)] };
        Service service = new();
        await ReadAsync(await PlanAsync(run, service));
        FakeCliRecord record = run.Run.Record;
        JsonObject servers = SettingsRun.Parse(record.File("--mcp-config").Content!).AsObject();
        Assert.Equal("http://127.0.0.1:7/", servers["own"]!["url"]!.GetValue<string>());
        Assert.Equal(
            ["Read", "Bash"],
            SettingsRun.Parse(record.File("--settings-file").Content!)["amp.permissions"]!.AsArray().Select(rule => rule!["tool"]!.GetValue<string>()));
        Assert.Equal(["opened", "closed"], service.Log);
        Assert.False(Directory.Exists(service.Folder));
    }

    [Fact]
    public async Task A_plan_opens_nothing_and_shows_what_would_be_there()
    {
        using SettingsRun run = new();
        Service service = new();
        RunPlan plan = await PlanAsync(run, service);
        Assert.Empty(service.Log);
        Assert.Contains("--mcp-config=<private mcp.json>", plan.Arguments);
        Assert.Empty(plan.SettingsKeys);
    }

    [Fact]
    public async Task A_preview_becomes_a_plan_and_what_changed_since_is_read_again()
    {
        using SettingsRun run = new("""{ "amp.permissions": [{ "tool": "Bash", "action": "reject" }] }""");
        run.Options = run.Options with { Permissions = [new AmpPermission("Read", PermissionAction.Allow)] };
        RunPlan preview = AmpClient.Preview("hi", run.Options);
        RunPlan plan = await AmpClient.PlanAsync(preview, TestContext.Current.CancellationToken);
        Assert.NotNull(plan.Cli);
        Assert.Same(plan, await AmpClient.PlanAsync(plan, TestContext.Current.CancellationToken));

        SettingsRun.Write(run.UserFile, """{ "amp.permissions": [{ "tool": "create_file", "action": "reject" }] }""");
        await ReadAsync(plan);
        Assert.Equal(
            ["Read", "create_file"],
            SettingsRun.Parse(run.Run.Record.File("--settings-file").Content!)["amp.permissions"]!.AsArray().Select(rule => rule!["tool"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_project_that_lifts_the_rules_after_the_plan_was_made_stops_the_start()
    {
        using SettingsRun run = new();
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Reject)] };
        RunPlan plan = await run.Run.PlanAsync();
        SettingsRun.Write(Path.Combine(run.Run.Project, ".amp", "settings.json"), """{ "amp.dangerouslyAllowAll": true }""");
        AmpValidationException refused = await Assert.ThrowsAsync<AmpValidationException>(() => ReadAsync(plan));
        Assert.Equal(nameof(AmpOptions.Permissions), refused.OptionName);
        Assert.DoesNotContain(FakeCliRecord.ReadAll(run.Run.Log), record => record.Kind == "Run");
    }

    [Fact]
    public async Task It_is_closed_when_the_consumer_leaves()
    {
        using SettingsRun run = new(null, new FakeCliScript().EndPolitely().Init().Hang());
        Service service = new();
        await foreach (AmpEvent item in AmpClient.StreamAsync(await PlanAsync(run, service), TestContext.Current.CancellationToken))
        {
            if (item.Message is not null)
            {
                break;
            }
        }

        Assert.Equal(["opened", "closed"], service.Log);
        run.Run.NothingIsLeft();
    }

    [Fact]
    public async Task Where_one_cannot_be_opened_nothing_is_started_and_the_others_are_closed()
    {
        using SettingsRun run = new();
        Service good = new();
        Service bad = new() { Name = "bad", Failure = new AmpValidationException("It cannot.", "Own", "Omit it.") };
        RunPlan plan = await PlanAsync(run, good, bad);
        Assert.Same(bad.Failure, await Assert.ThrowsAsync<AmpValidationException>(() => ReadAsync(plan)));
        Assert.Equal(["opened", "closed"], good.Log);
        Assert.False(Directory.Exists(good.Folder));
        Assert.DoesNotContain(FakeCliRecord.ReadAll(run.Run.Log), record => record.Kind == "Run");
    }

    [Fact]
    public async Task The_others_are_closed_though_one_fails_to()
    {
        using SettingsRun run = new();
        Service first = new();
        Service second = new() { Name = "second", CloseFailure = new InvalidOperationException("no") };
        RunPlan plan = await PlanAsync(run, first, second);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(plan));
        Assert.Equal(["opened", "closed"], first.Log);
        Assert.False(Directory.Exists(first.Folder));
    }

    private static async Task<RunPlan> PlanAsync(SettingsRun run, params IRunService[] services) =>
        RunPlan.Of(RunInput.Of("hi"), run.Options, await run.Run.AskAsync(), services);

    private static async Task ReadAsync(RunPlan plan)
    {
        await foreach (AmpEvent _ in AmpClient.StreamAsync(plan, TestContext.Current.CancellationToken))
        {
        }
    }

    private sealed class Service : IRunService, IAsyncDisposable
    {
        public List<string> Log { get; } = [];

        public string Name { get; init; } = "own";

        public string? Folder { get; private set; }

        public Exception? Failure { get; init; }

        public Exception? CloseFailure { get; init; }

        public RunContribution Planned => Contribution(1);

        public ValueTask<OpenRunService> OpenAsync(RunFolder folder, CancellationToken cancellationToken)
        {
            if (Failure is not null)
            {
                throw Failure;
            }

            Folder = folder.Path;
            Assert.True(File.Exists(folder.Add(new PrivateFile($"{Guid.NewGuid():N}.txt", "x"u8.ToArray()))));
            Log.Add("opened");
            return ValueTask.FromResult(new OpenRunService(Contribution(7), this));
        }

        public ValueTask DisposeAsync()
        {
            Log.Add("closed");
            return CloseFailure is null ? ValueTask.CompletedTask : ValueTask.FromException(CloseFailure);
        }

        private RunContribution Contribution(int port) => new()
        {
            McpServers = [new McpHttpServer(Name, $"http://127.0.0.1:{port}/")],
        };
    }
}
