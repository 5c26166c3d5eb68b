using System.Text.Json;
using System.Text.Json.Serialization;
using Amp;

// A program that runs the agent and can be published as a native program: dotnet publish examples/SdkNative -c Release
// With --mock, a mocked agent answers, so that it needs no CLI and no account.
AmpOptions options = new();
if (args.Contains("--mock"))
{
    AmpReplay replay = new(
    [
        new AmpMock
        {
            Prompt = "Which servers*",
            ToolUses = [new MockToolUse("list_servers", new Dictionary<string, object?> { ["zone"] = "eu" })],
            Output = new[] { new Dictionary<string, object?> { ["Name"] = "web1", ["IsUp"] = true } },
        },
        new AmpMock { Text = "Done." },
    ]);
    options = options with { Transport = replay.Transport };
}

// A tool of this program, which the agent calls.
AmpTool servers = new(
    "list_servers",
    "Lists the servers of a zone.",
    """{"type":"object","properties":{"zone":{"type":"string"}},"required":["zone"]}""",
    (input, _) => Task.FromResult(new ToolResult($"web1 is up; you asked with {input}")),
    isReadOnly: true);

// The answer as objects. The description of the type is generated, so nothing is read by reflection.
List<Server> answer = await AmpClient.RunAsync("Which servers are up?", SampleContext.Default.ListServer, options with { Tools = [servers] });
foreach (Server server in answer)
{
    Console.WriteLine($"{server.Name}: {(server.IsUp ? "up" : "down")}");
}

// Each message as the line that the CLI wrote, and back again.
await foreach (StreamMessage message in AmpClient.ExecuteAsync("Say that you are done", options))
{
    string line = JsonSerializer.Serialize(message, SampleContext.Default.StreamMessage);
    StreamMessage copy = JsonSerializer.Deserialize(line, SampleContext.Default.StreamMessage)!;
    Console.WriteLine($"{copy.GetType().Name}: {(copy.Equals(message) ? copy.Text : "changed on its way")}");
}

internal sealed record Server(string Name, bool IsUp);

[JsonSerializable(typeof(List<Server>))]
[JsonSerializable(typeof(StreamMessage))]
internal sealed partial class SampleContext : JsonSerializerContext;
