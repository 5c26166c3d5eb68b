using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.RealRuns;

/// <summary>The CLI of September 2026, whose service goes away while a tool is at work: it says nothing of that.</summary>
public sealed class ServiceLossRunTests
{
    [Fact]
    public async Task A_run_whose_service_goes_away_during_a_tool_is_ended()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The command is a shell's.");
        await using RealRun run = await RealRun.StartAsync(RealCliBuild.September2026);
        run.Options = run.Options with
        {
            ServiceLossTimeout = TimeSpan.FromSeconds(4),
            Permissions = [AmpPermission.ForKind(ToolKind.Shell, PermissionAction.Allow)],
        };
        Task<RunOutcome> running = run.RunAsync(RealRun.Call("shell_command", """{"command":"touch started; sleep 6; touch ended"}"""));
        await FakeRun.WaitForAsync(() => run.Made("started") || running.IsCompleted, "the tool");
        await run.Service.DisposeAsync();
        RunOutcome outcome = await running;
        Assert.Equal(AmpErrorId.ServiceUnreachable, outcome.Failed<AmpProcessException>(AmpErrorId.ServiceUnreachable).ErrorId);
        Assert.NotNull(Assert.IsAssignableFrom<AmpException>(outcome.Error).ThreadId);
    }
}
