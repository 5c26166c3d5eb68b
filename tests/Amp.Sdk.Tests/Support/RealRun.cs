using Amp.LocalService;
using Amp.LocalService.Scenarios;
using Amp.Processes;
using Amp.Testing;

namespace Amp.Sdk.Tests.Support;

/// <summary>A run on a real CLI against a service in this process, in a home of its own.</summary>
internal sealed class RealRun : IAsyncDisposable
{
    private readonly PrivateHome _home = new PrivateHome().WithAnswersOfClis();
    private readonly string _mark = Guid.NewGuid().ToString("N");

    private RealRun(LocalAmpService service, string cli, RealCliBuild build)
    {
        Service = service;
        Build = build;
        Dictionary<string, string?> environment = _home.Environment();
        environment["AMP_URL"] = service.Url;
        environment["AMP_API_KEY"] = "sgamp_user_canary";
        environment["AMP_TEST_MARK"] = _mark;
        Options = new AmpOptions { CliPath = cli, WorkingDirectory = _home.Project, Environment = environment, Timeout = FakeRun.HangLimit };
    }

    /// <summary>Whether there is what the CLIs of early 2026 are run by.</summary>
    public static bool HasNode => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "node")) || File.Exists(Path.Combine(folder, "node.exe")));

    /// <summary>The builds on which a test runs unless it says why it does not.</summary>
    public static TheoryData<RealCliBuild> Builds { get; } =
        [RealCliBuild.January2026, RealCliBuild.March2026, RealCliBuild.May2026, RealCliBuild.September2026];

    public RealCliBuild Build { get; }

    /// <summary>The tool of this build that runs a command.</summary>
    public string ShellTool => Build == RealCliBuild.September2026 ? "shell_command" : "Bash";

    /// <summary>The field of <see cref="ShellTool"/> that holds the command.</summary>
    public string CommandField => Build == RealCliBuild.September2026 ? "command" : "cmd";

    public LocalAmpService Service { get; }

    public AmpOptions Options { get; set; }

    public string Home => _home.Root;

    public string Project => _home.Project;

    public string UserFile => Path.Combine(_home.Root, ".config", "amp", "settings.json");

    /// <summary>Each of these builds with each of these values.</summary>
    public static MatrixTheoryData<RealCliBuild, T> BuildsWith<T>(params T[] values) => new([.. Builds.Select(row => row.Data)], values);

    public static async Task<RealRun> StartAsync(RealCliBuild build = RealCliBuild.March2026, string? scenario = null)
    {
        string? cli = RepositoryLayout.RealCli(build);
        Assert.SkipWhen(cli is null, "Run 'npm ci --prefix tests/cli' to have the real CLIs.");
        Assert.SkipWhen(!HasNode, "The CLIs of early 2026 need Node.");
        return new RealRun(
            await LocalAmpService.StartAsync(new LocalServiceOptions { Scenario = scenario is null ? Scenario.Empty : Scenario.Parse(scenario) }), cli, build);
    }

    /// <summary>A prompt that makes the model call a tool.</summary>
    public static string Call(string tool, string input) => $"RUN:{tool} {input}END";

    /// <summary>A prompt that makes the model run a command.</summary>
    public string Command(string command) => Call(ShellTool, $$"""{"{{CommandField}}":{{System.Text.Json.JsonSerializer.Serialize(command)}}}""");

    /// <summary>A rule about commands, in the words of this build.</summary>
    public AmpPermission Rule(PermissionAction action, object? pattern = null, string? to = null, string? message = null) =>
        new(ShellTool, action, pattern is null ? null : new Dictionary<string, object?> { [CommandField] = pattern }, to: to, message: message);

    /// <summary>Writes a shell script below the home that can be executed.</summary>
    public string Script(string name, string text)
    {
        string path = Path.Combine(_home.Root, name);
        SettingsRun.Write(path, "#!/bin/sh\n" + text);
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program is a shell script.");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    public bool Made(string file) => File.Exists(Path.Combine(Project, file));

    public async Task<RunOutcome> RunAsync(string prompt)
    {
        RunOutcome outcome = await RunOutcome.OfAsync(AmpClient.PlanAsync(prompt, Options), prompt, CancellationToken.None)
            .WaitAsync(FakeRun.HangLimit + FakeRun.HangLimit);
        Assert.Empty(MarkedProcesses.Find(_mark));
        return outcome;
    }

    /// <summary>Runs to a result.</summary>
    public async Task<ResultMessage> ResultAsync(string prompt)
    {
        RunOutcome outcome = await RunAsync(prompt);
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
        return outcome.Result!;
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _home.Dispose();
    }
}
