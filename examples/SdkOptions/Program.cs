// Options of Amp.Sdk without an account: rules, an MCP server, a conversation, and a run that is cancelled.
using System.Text.Json.Nodes;
using System.Threading.Channels;
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

DirectoryInfo home = Directory.CreateTempSubdirectory("amp-options-");
try
{
    // Without a scenario the service's model echoes prompts and calls the tools that RUN:Tool {input}END names.
    // Its MCP server offers one tool and wants a token.
    Scenario scenario = new()
    {
        Mcp = new McpScenario
        {
            Tools =
            [
                new McpScenarioTool("weather", "sunny")
                {
                    Description = "Tells the weather.",
                    InputSchema = new JsonObject
                    {
                        ["type"] = "object",
                        ["properties"] = new JsonObject { ["city"] = new JsonObject { ["type"] = "string" } },
                    },
                },
            ],
            RequiredHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer local-token" },
        },
    };
    await using LocalAmpService service = await LocalAmpService.StartAsync(new LocalServiceOptions { Scenario = scenario });
    AmpOptions options = new()
    {
        CliPath = cliPath,
        WorkingDirectory = home.CreateSubdirectory("project").FullName,
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

    // The first rule that matches decides. A list that is to hold whatever comes ends with a rule for '*'.
    AmpOptions careful = options with
    {
        Permissions =
        [
            new AmpPermission("Bash", PermissionAction.Allow, new Dictionary<string, object> { ["cmd"] = "echo *" }),
            new AmpPermission("*", PermissionAction.Reject),
        ],
    };
    ResultMessage allowed = await AmpClient.RunAsync("""RUN:Bash {"cmd":"echo hello"}END""", careful);
    Console.WriteLine($"allowed:   {allowed.Outcome}, {allowed.ToolUseCount} tool call(s)");
    ResultMessage denied = await AmpClient.RunAsync("""RUN:Bash {"cmd":"touch made"}END""", careful);
    Console.WriteLine($"denied:    {denied.Outcome}, {denied.Denials.Count} denial(s)");
    try
    {
        await AmpClient.RunAsync("""RUN:Bash {"cmd":"touch made"}END""", careful with { FailOnDenial = true });
    }
    catch (AmpAgentException exception)
    {
        Console.WriteLine($"as error:  {exception.ErrorId}");
    }

    // Servers and their secrets go by a private file. A plan shows what a run would start with, and starts nothing.
    AmpOptions withServer = options with
    {
        McpServers =
        [
            new McpHttpServer("sky", service.McpUrl!, new Dictionary<string, SecretText> { ["Authorization"] = "Bearer local-token" }),
        ],
        Permissions = [new AmpPermission("mcp__sky__*", PermissionAction.Allow)],
    };
    const string AskTheServer = """RUN:mcp__sky__weather {"city":"Rome"}END""";
    RunPlan plan = AmpClient.Preview(AskTheServer, withServer);
    Console.WriteLine($"server:    {plan.Arguments.Single(argument => argument.StartsWith("--mcp-config", StringComparison.Ordinal))}");
    ResultMessage weather = await AmpClient.RunAsync(AskTheServer, withServer);
    Console.WriteLine($"called:    {service.McpCalls.Single().Tool} {service.McpCalls.Single().ArgumentsJson}, {weather.Outcome}, {(weather.Result!.Contains("sunny") ? "sunny" : "?")}");

    // One run with several turns: each message is made when the answer before it is known.
    Channel<UserInputMessage> talk = Channel.CreateUnbounded<UserInputMessage>();
    Queue<string> more = new(["and you?"]);
    await talk.Writer.WriteAsync(new UserInputMessage("hello"));
    await foreach (StreamMessage message in AmpClient.ExecuteAsync(talk.Reader.ReadAllAsync(), options))
    {
        if (message is AssistantMessage { StopReason: "end_turn" } answer)
        {
            Console.WriteLine($"turn:      {answer.Text}");
            if (more.TryDequeue(out string? next))
            {
                await talk.Writer.WriteAsync(new UserInputMessage(next));
            }
            else
            {
                talk.Writer.Complete();
            }
        }
    }

    // Cancelling ends the CLI and all that it has started; the exception names the thread.
    using CancellationTokenSource cancel = new();
    try
    {
        AmpOptions free = options with { DangerouslyAllowAll = true };
        await foreach (StreamMessage message in AmpClient.ExecuteAsync("""RUN:Bash {"cmd":"sleep 60"}END""", free, cancel.Token))
        {
            if (message is AssistantMessage { ToolUse.Count: > 0 })
            {
                await cancel.CancelAsync();
            }
        }
    }
    catch (AmpCanceledException exception)
    {
        Console.WriteLine($"cancelled: {exception.ErrorId}, thread {(exception.ThreadId is null ? "unknown" : "known")}");
    }

    return 0;
}
finally
{
    home.Delete(recursive: true);
}

static string FindRoot()
{
    DirectoryInfo? folder = new(AppContext.BaseDirectory);
    while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Amp.PowerShell.sln")))
    {
        folder = folder.Parent;
    }

    return folder?.FullName ?? throw new DirectoryNotFoundException("Start the sample from within the repository.");
}
