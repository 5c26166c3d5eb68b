using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Amp.LocalService.Scenarios;
using Amp.Testing;
using Xunit;

namespace Amp.LocalService.Tests.RealCli;

/// <summary>A local service, a home folder of its own, and a real CLI that is run between them.</summary>
internal sealed class CliBench : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    private readonly string _program;
    private readonly PrivateHome _home = new();

    private CliBench(string program, LocalAmpService service)
    {
        _program = program;
        Service = service;
        Url = service.Url;
    }

    public LocalAmpService Service { get; }

    /// <summary>The address the CLI is given.</summary>
    public string Url { get; set; }

    /// <summary>The key the CLI is given.</summary>
    public string ApiKey { get; set; } = "any";

    /// <summary>The folder the CLI works in.</summary>
    public string Project => _home.Project;

    public static Task<CliBench> StartAsync(RealCliBuild build, string? scenario = null) => StartAsync(build, new LocalServiceOptions
    {
        Scenario = scenario is null ? Scenario.Empty : Scenario.Parse(scenario),
    });

    public static async Task<CliBench> StartAsync(RealCliBuild build, LocalServiceOptions options)
    {
        string? program = RepositoryLayout.RealCli(build);
        Assert.SkipWhen(program is null, $"The real CLI of {build} is not installed: run npm ci in tests/cli.");
        return new CliBench(program!, await LocalAmpService.StartAsync(options, TestContext.Current.CancellationToken));
    }

    /// <summary>Runs a prompt in a new thread.</summary>
    public Task<CliRun> AskAsync(string prompt, params string[] options) => RunAsync(prompt, ["--execute", "--stream-json", .. options]);

    /// <summary>Runs the CLI with <paramref name="input"/> on stdin, which is closed after it.</summary>
    public async Task<CliRun> RunAsync(string input, params string[] arguments)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using Process process = Start(arguments);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken).WaitAsync(s_limit, cancellationToken);
            string[] texts = await Task.WhenAll(output, error).WaitAsync(s_limit, cancellationToken);
            return new CliRun(process.ExitCode, texts[0], texts[1]);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _home.Dispose();
    }

    private Process Start(string[] arguments)
    {
        bool isNode = _program.EndsWith(".js", StringComparison.Ordinal);
        var start = new ProcessStartInfo(isNode ? "node" : _program, isNode ? [_program, .. arguments] : arguments)
        {
            WorkingDirectory = Project,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach ((string name, string? value) in _home.Environment())
        {
            start.Environment[name] = value;
        }

        start.Environment["AMP_URL"] = Url;
        start.Environment["AMP_API_KEY"] = ApiKey;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("Node.js, which runs this CLI, is not on PATH.");
            throw;
        }
    }
}
