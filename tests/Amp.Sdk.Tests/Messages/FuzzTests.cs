using Amp.Fuzz;

namespace Amp.Sdk.Tests.Messages;

/// <summary>A share of what <c>Amp.Fuzz</c> does: recorded streams, damaged in every way, in odd pieces.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Lines = 25_000;

    [Fact]
    public Task Damaged_streams_lose_double_and_break_nothing() => CheckAsync(20260126);

    [Fact]
    public Task Streams_damaged_anew_on_each_run_lose_double_and_break_nothing() => CheckAsync(Random.Shared.Next());

    private async Task CheckAsync(int seed)
    {
        output.WriteLine($"seed {seed}");
        FuzzTally tally = await new Fuzzer(seed).RunAsync(Lines);
        output.WriteLine($"{tally}");

        // A mill that only grinds dust, or nothing at all, would show nothing.
        Assert.InRange(tally.Intact, Lines / 10, tally.Lines);
        Assert.InRange(tally.Invalid, Lines / 10, tally.Lines);
        Assert.InRange(tally.Messages - tally.Intact, Lines / 20, tally.Lines);
        Assert.InRange(tally.Texts, Lines / 20, tally.Lines);
    }
}
