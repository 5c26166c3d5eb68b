// A tour of Amp.Sdk without an account: the real CLI against the local service, in a folder of its own.
using System.Diagnostics;
using Amp;
using Amp.LocalService;
using Amp.LocalService.Scenarios;

string root = FindRoot();
string cliPath = Path.Combine(root, "tests", "cli", "node_modules", "amp-2026-03-24", "dist", "main.js");
if (!File.Exists(cliPath))
{
    Console.Error.WriteLine("The real CLI is not installed. Run: npm ci --prefix tests/cli --ignore-scripts");
    return 1;
}

DirectoryInfo home = Directory.CreateTempSubdirectory("amp-demo-");
try
{
    string project = home.CreateSubdirectory("project").FullName;
    await File.WriteAllTextAsync(Path.Combine(project, "README.md"), "# A small project\n");
    await File.WriteAllTextAsync(Path.Combine(project, "backup.ps1"), "Get-ChildItem /srv | Compress-Archive -DestinationPath /backup/srv.zip\n");

    await using LocalAmpService service = await LocalAmpService.StartAsync(new LocalServiceOptions
    {
        Scenario = Scenario.Load(Path.Combine(root, "examples", "scenarios", "demo.json")),
    });
    AmpOptions options = new()
    {
        CliPath = cliPath,
        WorkingDirectory = project,
        Environment = new Dictionary<string, string?>
        {
            ["AMP_URL"] = service.Url,
            ["AMP_API_KEY"] = "local-service-takes-any-key",
            ["HOME"] = home.FullName,
            ["USERPROFILE"] = home.FullName,
            ["XDG_CONFIG_HOME"] = null,
            ["XDG_DATA_HOME"] = null,
        },
        Timeout = TimeSpan.FromMinutes(1),
    };

    AmpCli cli = await AmpClient.GetCliAsync(options);
    Console.WriteLine($"Amp CLI {cli.Version}, {cli.Form}, {cli.Options.Count} options; service at {service.Url}");

    Title("Messages, the moment the CLI has written them");
    string? thread = null;
    long start = Stopwatch.GetTimestamp();
    await foreach (StreamMessage message in AmpClient.ExecuteAsync("Which files are in this folder?", options))
    {
        thread ??= message.SessionId;
        Console.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds,5:0.0} s  {Line(message)}");
    }

    Title("The same thread, continued: only its result");
    ResultMessage result = await AmpClient.RunAsync("What did I ask you first?", options with { ThreadId = thread });
    Console.WriteLine(result.Result);
    Console.WriteLine($"{result.NumTurns} turn(s), {result.Duration.TotalSeconds:0.0} s, {result.Usage}");

    Title("A failed run is an exception with the result in it");
    try
    {
        await AmpClient.RunAsync("""RUN:Bash {"cmd":"git push"}END""", options);
    }
    catch (AmpAgentException exception)
    {
        Console.WriteLine($"{exception.ErrorId}: {exception.Message}");
        Console.WriteLine($"What to do: {exception.RecommendedAction}");
    }

    Title($"The thread as Markdown (amp threads markdown {thread})");
    Console.WriteLine(await MarkdownAsync(cli, options, thread!));
    return 0;
}
finally
{
    home.Delete(recursive: true);
}

static string Line(StreamMessage message) => message switch
{
    SystemMessage system => $"thread {system.SessionId} in {system.Cwd}, {system.Tools.Count} tools",
    AssistantMessage { ToolUse: [ToolUseContent call, ..] } assistant =>
        $"agent: {assistant.Text}  > {call.Name} {(call.Input as System.Collections.IDictionary)?["cmd"]}",
    AssistantMessage assistant => $"agent: {assistant.Text}",
    UserMessage { ToolResult: [ToolResultContent tool, ..] } => $"tool:  {tool.Text.Trim().ReplaceLineEndings(" | ")}",
    UserMessage user => $"user:  {user.Text}",
    ErrorResultMessage error => $"failed: {error.Error}",
    ResultMessage done => $"done in {done.Duration.TotalSeconds:0.0} s, {done.NumTurns} turns, {done.Usage}",
    _ => message.RawJson,
};

static void Title(string text) => Console.WriteLine($"\n── {text}");

static async Task<string> MarkdownAsync(AmpCli cli, AmpOptions options, string thread)
{
    ProcessStartInfo start = new(cli.Program.FileName) { RedirectStandardOutput = true, WorkingDirectory = options.WorkingDirectory };
    foreach (string argument in (string[])[cli.Program.Script!, "threads", "markdown", thread])
    {
        start.ArgumentList.Add(argument);
    }

    foreach ((string name, string? value) in options.Environment!)
    {
        start.Environment[name] = value;
    }

    using Process process = Process.Start(start)!;
    string markdown = await process.StandardOutput.ReadToEndAsync();
    await process.WaitForExitAsync();
    return markdown.TrimEnd();
}

static string FindRoot()
{
    DirectoryInfo? folder = new(AppContext.BaseDirectory);
    while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Amp.PowerShell.sln")))
    {
        folder = folder.Parent;
    }

    return folder?.FullName ?? throw new DirectoryNotFoundException("Start the demo from within the repository.");
}
