using Amp.Cli;
using Amp.Options;
using Amp.Testing;

namespace Amp.Sdk.Tests.Support;

/// <summary>A CLI that is a shell script, for what the fake one cannot be: a wrapper, or the parent of a stranger.</summary>
internal sealed class ShellCli : IDisposable
{
    /// <summary>Stands for the script's own folder in its text.</summary>
    public const string Folder = "@FOLDER@";

    private readonly PrivateHome _home = new();

    public ShellCli(string script, string version = "echo '0.0.1774310664-gcb98ac (released 2026-03-24T00:08:19.172Z)'", string help = "echo '  --no-ide'")
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no shell scripts on Windows.");
        Path = PathOf("amp");
        File.WriteAllText(Path, $"""
            #!/bin/sh
            case "$1" in
            --version) {version}; exit;;
            --help) {help}; exit;;
            esac
            {script.Replace(Folder, _home.Root, StringComparison.Ordinal)}

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Options = new AmpOptions { CliPath = Path, WorkingDirectory = _home.Project, Environment = _home.Environment() };
    }

    public string Path { get; }

    public AmpOptions Options { get; set; }

    public string PathOf(string name) => System.IO.Path.Combine(_home.Root, name);

    public Task<RunOutcome> RunAsync() =>
        RunOutcome.OfAsync(AmpClient.PlanAsync("hi", Options), "hi", CancellationToken.None).WaitAsync(FakeRun.HangLimit);

    public Task<AmpCli> AskAsync() => AskAsync(null);

    public Task<AmpCli> AskAsync(TimeSpan? limit) => AskAsync(Options, limit);

    /// <summary>Asks as the library does, with a limit of the test's own.</summary>
    public static Task<AmpCli> AskAsync(AmpOptions options, TimeSpan? limit)
    {
        if (limit is null)
        {
            return AmpClient.GetCliAsync(options).WaitAsync(FakeRun.HangLimit);
        }

        Dictionary<string, string> environment = RunEnvironment.Build(options.Environment);
        CliProgram program = new CliLocator(environment, options.WorkingDirectory!).Find(options.CliPath);
        return CliProbe.AskAsync(program, environment, options.WorkingDirectory!, CancellationToken.None, limit);
    }

    public void Dispose() => _home.Dispose();
}
