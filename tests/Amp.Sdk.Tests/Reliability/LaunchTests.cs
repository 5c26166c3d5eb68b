using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Reliability;

public sealed class LaunchTests
{
    /// <summary>npm's launcher for a native CLI starts it as a child and waits: ended alone, it would leave the agent behind.</summary>
    [Fact]
    public async Task A_launcher_around_the_CLI_is_ended_together_with_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc.");
        using ShellCli cli = new($$"""
            sh -c 'echo $$ > "{{ShellCli.Folder}}/real"; trap "" INT TERM; printf "{\"type\":\"system\",\"session_id\":\"T-1\"}\n"; while :; do sleep 0.05; done' &
            wait
            wait
            """);
        cli.Options = cli.Options with { CancellationGracePeriod = TimeSpan.FromMilliseconds(100) };
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            await foreach (StreamMessage _ in AmpClient.ExecuteAsync("hi", cli.Options, cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });
        int real = int.Parse(await File.ReadAllTextAsync(cli.PathOf("real"), TestContext.Current.CancellationToken), null);
        Assert.False(ProcessProbe.IsRunning(real));
    }

    /// <summary>The limits are 32,767 characters on Windows and 128 KiB for one argument on Linux.</summary>
    [Fact]
    public async Task The_command_line_stays_short_however_much_a_run_is_given()
    {
        using FakeRun run = new(new FakeCliScript().Echo());
        run.Options = run.Options with
        {
            McpServers = [new McpStdioServer("tools", "node", environment: new Dictionary<string, SecretText> { ["DATA"] = new string('d', 100_000) })],
            Permissions = [.. Enumerable.Range(0, 500).Select(number => new AmpPermission($"Tool{number}", PermissionAction.Allow))],
        };
        (await run.RunAsync(new string('p', 3_000_000))).Succeeded("Echo: " + new string('p', 3_000_000));
        Assert.InRange(run.Record.Arguments.Sum(argument => argument.Length + 1), 1, 8_000);
    }
}
