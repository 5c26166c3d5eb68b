using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Account;

public sealed class ConnectionCheckTests
{
    [Theory]
    [InlineData(false, AmpErrorId.ServiceUnreachable)]
    [InlineData(true, AmpErrorId.Timeout)]
    public async Task A_service_that_does_not_answer_is_not_a_missing_key(bool hangs, string errorId)
    {
        using FakeRun fake = new(hangs
            ? new FakeCliScript().IgnoreSignals("TERM", "INT").Hang()
            : new FakeCliScript().Error("Couldn't connect to the Amp server").Exit(1));
        ConnectionCheck[] checks = await ChecksAsync(fake, hangs ? FakeRun.ShortLimit : null);

        Assert.Equal(
            [("Cli", true, null), ("Key", false, null), ("Service", false, errorId)],
            checks.Select(check => (check.Name, check.Passed, check.ErrorId)));
        Assert.All(checks.Where(check => !check.Passed), check => Assert.NotNull(check.RecommendedAction));
        fake.NothingIsLeft();
    }

    [Fact]
    public async Task A_service_that_says_nothing_has_not_answered()
    {
        using FakeRun fake = new(new FakeCliScript().Raw("\n").Exit(0));
        ConnectionCheck[] checks = await ChecksAsync(fake);

        Assert.Equal(
            [("Cli", true, null), ("Key", false, null), ("Service", false, AmpErrorId.InvalidStreamJson)],
            checks.Select(check => (check.Name, check.Passed, check.ErrorId)));
    }

    [Fact]
    public async Task A_missing_key_is_one_where_the_CLI_says_so()
    {
        using FakeRun fake = new(new FakeCliScript().Out("No API key found. Starting login flow...").Hang());
        ConnectionCheck[] checks = await ChecksAsync(fake);

        Assert.Equal(AmpErrorId.NotAuthenticated, Assert.Single(checks, check => !check.Passed).ErrorId);
    }

    private static async Task<ConnectionCheck[]> ChecksAsync(FakeRun fake, TimeSpan? timeout = null)
    {
        List<ConnectionCheck> checks = [];
        await foreach (ConnectionCheck check in new AccountClient(fake.CliOptions(timeout)).TestAsync(TestContext.Current.CancellationToken))
        {
            checks.Add(check);
        }

        return [.. checks];
    }
}
