using System.Security;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Settings;

/// <summary>Secrets of every kind, and every place in which they must not turn up.</summary>
public sealed class CanaryTests
{
    private static readonly string[] s_canaries = ["canary-api-key-1", "canary-header-2", "canary-variable-3", "canary-client-4"];

    [Theory]
    [InlineData("ends well")]
    [InlineData("fails")]
    [InlineData("ends with an error")]
    public async Task A_secret_is_in_the_files_of_the_run_and_nowhere_else(string ending)
    {
        FakeCliScript script = new FakeCliScript().Read();
        foreach (string canary in s_canaries)
        {
            script.Error($"token {canary} refused").Out($"text with {canary}").Out("{\"broken\": \"" + canary);
        }

        script = ending switch
        {
            "fails" => script.Exit(3),
            "ends well" => script.Init().Assistant("a").Result("done"),
            _ => script.Init().ErrorResult("no"),
        };
        using FakeRun run = new(script);
        run.Options = WithSecrets(run.Options);
        AmpRunPlan plan = await run.PlanAsync();
        IsClean(string.Join('\n', [.. plan.Arguments, .. plan.VariableNames, .. plan.SettingsKeys, plan.ToString()!, plan.SettingsFile!]), "the plan");
        IsClean(run.Options.ToString(), "the options");
        RunOutcome outcome = await run.RunAsync();
        Assert.NotEmpty(outcome.Events);
        IsClean(outcome.Everything, "the events and the exception");
        FakeCliRecord record = run.Record;
        Assert.Equal(s_canaries[0], record.Environment["AMP_API_KEY"]);
        string config = record.File("--mcp-config").Content!;
        Assert.All(s_canaries[1..], canary => Assert.Contains(canary, config, StringComparison.Ordinal));
        foreach (FakeCliRecord start in FakeCliRecord.ReadAll(run.Log))
        {
            IsClean(string.Join('\n', [.. start.Arguments, .. start.CommandLine]), "a command line");
        }

        NothingIsLeftOnDisk(run);
    }

    private static AmpOptions WithSecrets(AmpOptions options)
    {
        SecureString key = new();
        s_canaries[0].ToList().ForEach(key.AppendChar);
        return options with
        {
            ApiKey = key,
            McpServers =
            [
                new McpHttpServer(
                    "web",
                    "https://example.test/mcp",
                    new Dictionary<string, SecretText> { ["Authorization"] = "Bearer " + s_canaries[1] },
                    oauth: new McpOAuth("client", "https://example.test/a", "https://example.test/t", s_canaries[3])),
                new McpStdioServer("local", "node", ["x.js"], new Dictionary<string, SecretText> { ["DATA"] = s_canaries[2] }),
            ],
        };
    }

    private static void IsClean(string text, string place) =>
        Assert.All(s_canaries, canary => Assert.False(text.Contains(canary, StringComparison.Ordinal), $"{place} has {canary}: {text}"));

    // The fake's own log and script hold them on purpose.
    private static void NothingIsLeftOnDisk(FakeRun run)
    {
        string home = Path.GetDirectoryName(run.Project)!;
        foreach (string file in Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories))
        {
            if (!file.StartsWith(run.Log, StringComparison.Ordinal))
            {
                IsClean(File.ReadAllText(file), file);
            }
        }

        Assert.All(run.Record.Files, file => Assert.False(Directory.Exists(Path.GetDirectoryName(file.Path))));
    }
}
