using System.Text.RegularExpressions;
using Amp.Execution;
using Amp.Testing;

namespace Amp.Sdk.Tests.Support;

/// <summary>A run on the fake CLI, in a home and with a log of its own; the folder goes with the object.</summary>
internal sealed partial class FakeRun : IDisposable
{
    /// <summary>Only against hangs: no test passes because something was faster than this.</summary>
    public static readonly TimeSpan HangLimit = TimeSpan.FromMinutes(10);

    /// <summary>For limits that must be reached: on a busy machine too, the fake has started by then and has said what it has to say.</summary>
    public static readonly TimeSpan ShortLimit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// More lines than can wait between a CLI and its consumer, short ones too: in the pipe, the reader's buffer, the queue and a turn of a session.
    /// </summary>
    public const int MoreLinesThanCanWait = 8 * EventQueue.Capacity;

    // The fake is asked for its version and help once and not for every test.
    private static readonly string s_sharedCache = SharedCache();

    private readonly PrivateHome _home = new();

    public FakeRun(FakeCliScript script)
    {
        SkipWhereImpossible(script);
        Dictionary<string, string?> environment = _home.Environment();
        foreach ((string name, string? value) in script.Environment(Log))
        {
            environment[name] = value;
        }

        bool isAskedAnew = environment.Keys.Any(name => name is "AMP_FAKE_VERSION" or "AMP_FAKE_HELP" or "AMP_FAKE_HANG");
        environment["XDG_CACHE_HOME"] = isAskedAnew ? Path.Combine(_home.Root, ".cache") : s_sharedCache;
        Options = new AmpOptions { CliPath = RepositoryLayout.FakeCli, WorkingDirectory = Project, Environment = environment };
    }

    /// <summary>A run whose script is given later, since it needs the paths of this one.</summary>
    public FakeRun()
        : this(new FakeCliScript())
    {
    }

    public AmpOptions Options { get; set; }

    /// <summary>The same for management commands.</summary>
    public CliOptions CliOptions(TimeSpan? timeout = null) => new()
    {
        CliPath = Options.CliPath,
        WorkingDirectory = Options.WorkingDirectory,
        Environment = Options.Environment,
        Timeout = timeout ?? TimeSpan.FromSeconds(480),
    };

    public string Project => _home.Project;

    public string Log => Path.Combine(_home.Root, "log");

    public FakeCliRecord Record => FakeCliRecord.ReadRun(Log);

    /// <summary>Where a script marks how far it is, or waits for a test.</summary>
    public string Mark(string name) => Path.Combine(_home.Root, name);

    public Task MarkIsSetAsync(string name) => WaitForAsync(() => File.Exists(Mark(name)), $"the mark {name}");

    public static async Task WaitForAsync(Func<bool> condition, string what) =>
        Assert.True(await Eventually.IsTrueAsync(condition, HangLimit), $"Still waiting for {what}.");

    /// <summary>Every process that the fake recorded, itself and those it started.</summary>
    public IReadOnlyList<int> Processes() =>
        [.. FakeCliRecord.ReadAll(Log).SelectMany(record => (int[])[record.ProcessId, .. record.ChildProcessIds])];

    /// <summary>All recorded processes are gone now, not some time later.</summary>
    public void NothingIsLeft()
    {
        IReadOnlyList<int> processes = Processes();
        Assert.NotEmpty(processes);
        Assert.DoesNotContain(processes, ProcessProbe.IsRunning);
    }

    public void Follow(FakeCliScript script)
    {
        SkipWhereImpossible(script);
        Set([.. script.Environment(Log).Select(variable => (variable.Key, variable.Value))]);
    }

    public void Set(params (string Name, string? Value)[] variables)
    {
        Dictionary<string, string?> environment = new(Options.Environment!);
        foreach ((string name, string? value) in variables)
        {
            environment[name] = value;
        }

        Options = Options with { Environment = environment };
    }

    /// <summary>Runs to the end and tells everything that came of it.</summary>
    public Task<RunOutcome> RunAsync(string prompt = "Say hello") => RunUntilAsync(CancellationToken.None, prompt);

    /// <summary>The same, for a test that cancels.</summary>
    public Task<RunOutcome> RunUntilAsync(CancellationToken canceled, string prompt = "Say hello") =>
        RunOutcome.OfAsync(AmpClient.PlanAsync(prompt, Options, canceled), prompt, canceled).WaitAsync(HangLimit, CancellationToken.None);

    public Task<RunPlan> PlanAsync() => AmpClient.PlanAsync("Say hello", Options);

    public Task<AmpCli> AskAsync(TimeSpan? limit = null) => ShellCli.AskAsync(Options, limit);

    public IAsyncEnumerator<StreamMessage> Enumerator() => ExecuteAsync().GetAsyncEnumerator();

    /// <summary>Everything between the start and the exit of the CLI in order, for a consumer of the test's own.</summary>
    /// <param name="started">Gets the clock of the run, which tells whether the CLI waits for this consumer.</param>
    public async IAsyncEnumerable<AmpEvent> EventsAsync(Action<RunClock>? started = null)
    {
        RunPlan plan = await PlanAsync();
        await foreach (AmpEvent item in started is null
            ? AmpClient.StreamAsync(plan)
            : AgentRun.StreamAsync(plan, CancellationToken.None, new RunRole { Started = run => started(run.Clock) }))
        {
            if (item.Start is null && item.Exit is null)
            {
                yield return item;
            }
        }
    }

    /// <summary>The messages, as a user of the library gets them.</summary>
    public IAsyncEnumerable<StreamMessage> ExecuteAsync() => AmpClient.ExecuteAsync("Say hello", Options);

    public Task<ResultMessage> ResultAsync(string prompt = "Say hello") => AmpClient.RunAsync(prompt, Options).WaitAsync(HangLimit);

    public void Dispose() => _home.Dispose();

    private static void SkipWhereImpossible(FakeCliScript script)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && SignalStep().IsMatch(script.Text), "There are no signals on Windows.");
        Assert.SkipWhen(
            !OperatingSystem.IsLinux() && script.Text.Contains("spawn ", StringComparison.Ordinal),
            "Only on Linux can a process that has left its parent be found.");
    }

    [GeneratedRegex("^(?:ignore|onsignal|polite|signal)", RegexOptions.Multiline)]
    private static partial Regex SignalStep();

    private static string SharedCache()
    {
        string folder = Directory.CreateTempSubdirectory("amp-test-cache-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
