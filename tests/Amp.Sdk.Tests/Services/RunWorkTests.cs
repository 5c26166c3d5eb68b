using Amp.Execution;
using Amp.Services;

namespace Amp.Sdk.Tests.Services;

public sealed class RunWorkTests
{
    [Fact]
    public async Task The_CLI_is_not_silent_while_it_waits_for_a_service()
    {
        TaskCompletionSource<StopReason> expired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RunWork work = new();
        work.Begin();
        using RunClock clock = new(null, TimeSpan.FromMilliseconds(50), [work], reason => expired.TrySetResult(reason));
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.False(expired.Task.IsCompleted);
        work.End();
        Assert.Equal(
            StopReason.IdleTimeout, await expired.Task.WaitAsync(Support.FakeRun.HangLimit, TestContext.Current.CancellationToken));
    }
}
