using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Execution;

/// <summary>A CLI that closes its output and lives on: no message can come any more, so there is nothing to wait for.</summary>
public sealed class ClosedOutputTests
{
    [Fact]
    public async Task A_cli_that_closes_its_output_without_a_result_is_ended_and_reported()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The fake cannot close its output there.");
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Read().Init().Assistant("working").CloseStandardOutput().Hang());
        run.Options = run.Options with { ExitGracePeriod = TimeSpan.FromMilliseconds(100) };

        RunOutcome outcome = await run.RunAsync();

        AmpProcessException error = outcome.Failed<AmpProcessException>(AmpErrorId.CliFailed);
        Assert.Contains("without a result", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.ThreadId);
        Assert.Equal("system assistant", outcome.Kinds);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_cli_that_gives_its_result_closes_its_output_and_lives_on_has_succeeded()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The fake cannot close its output there.");
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Read().Init().Result("done").CloseStandardOutput().Hang());
        run.Options = run.Options with { ExitGracePeriod = TimeSpan.FromMilliseconds(100) };

        RunOutcome outcome = await run.RunAsync();

        outcome.Succeeded("done");
        Assert.Single(outcome.Texts(AmpEventKind.Warning));
        run.NothingIsLeft();
    }
}
