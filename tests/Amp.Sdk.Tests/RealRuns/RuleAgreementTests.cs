using System.Collections;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.RealRuns;

/// <summary>What the CLI says of a call when it is only asked is what becomes of the call in a run, on every build that can be run.</summary>
public sealed class RuleAgreementTests
{
    // Harmless where they are made: each works in a folder of its own, and no server is behind the addresses.
    private static readonly string[] s_commands =
    [
        "ls", "ls -la", "pwd", "echo hi", "cat a.txt", "git status", "git log", "git diff", "git push", "git push --force origin main",
        "git commit -m x", "curl http://127.0.0.1:9/", "rm -rf gone", "rm gone", "node -e 1", "true", "./make f", "grep x a.txt", "find . -name a.txt",
        "chmod +x a.txt",
    ];

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.May2026)]
    public async Task Asked_and_run_are_the_same_without_rules_of_the_caller(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        File.WriteAllText(Path.Combine(run.Project, "a.txt"), "x\n");
        run.Script("project/make", "true\n");
        PermissionClient client = new(new AmpCliOptions
        {
            CliPath = run.Options.CliPath, WorkingDirectory = run.Project, Environment = run.Options.Environment,
        });
        (string tool, string field) = build == RealCliBuild.September2026 ? ("shell_command", "command") : ("Bash", "cmd");
        foreach (string command in s_commands)
        {
            PermissionDecision said = await client.TestAsync(
                tool, new Hashtable { [field] = command }, cancellationToken: TestContext.Current.CancellationToken);
            string input = $$"""{"{{field}}":{{System.Text.Json.JsonSerializer.Serialize(command)}}}""";
            ResultMessage result = await run.ResultAsync(RealRun.Call(tool, input));
            Assert.True(said.IsAllowed == (result.Denials.Count == 0), $"{command}: said {said.Action}, and then {string.Join("; ", result.Denials)} ({result.Outcome})");
        }
    }
}
