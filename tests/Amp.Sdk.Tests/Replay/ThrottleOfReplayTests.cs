using Amp.Sdk.Tests.Ends;

namespace Amp.Sdk.Tests.Replay;

/// <summary>A mocked error is no news of the service, and real runs of the process are not slowed down by it.</summary>
[Collection(nameof(Alone))]
public sealed class ThrottleOfReplayTests : IDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ThrottleOfReplayTests() => AmpThrottle.Limit = 4;

    public void Dispose() => AmpThrottle.Limit = null;

    [Theory]
    [InlineData("429 rate limit exceeded")]
    [InlineData("Model provider overloaded.")]
    public async Task Runs_and_sessions_do_not_reduce_the_limit(string words)
    {
        AmpReplay replay = new([new AmpMock { Error = words }]);
        await Assert.ThrowsAsync<AmpAgentException>(() => AmpClient.RunAsync("go", replay.Of(), Token));
        Assert.Equal((4, null), (AmpThrottle.GetState().EffectiveLimit, AmpThrottle.GetState().ReducedUntil));
        AmpSession session = await AmpSession.OpenAsync(replay.Of(), cancellationToken: Token);
        await using (session)
        {
            await Assert.ThrowsAnyAsync<AmpException>(async () =>
            {
                await foreach (StreamMessage message in session.SendAsync("go", Token))
                {
                    _ = message;
                }
            });
        }

        Assert.Equal((4, null), (AmpThrottle.GetState().EffectiveLimit, AmpThrottle.GetState().ReducedUntil));
    }
}
