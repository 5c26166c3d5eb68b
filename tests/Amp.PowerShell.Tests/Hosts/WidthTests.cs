using Amp.PowerShell.Tests.Support;

namespace Amp.PowerShell.Tests.Hosts;

/// <summary>What a console of any width shows of a run.</summary>
public sealed class WidthTests
{
    private const string Long = "The quick brown fox jumps over the lazy dog and goes on for as long as it takes to be wider than any console is.";

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public async Task The_whole_answer_is_there_and_no_line_is_wider_than_the_console(int width)
    {
        using Place place = new(script => script.Init().Assistant(Long).Result(Long));
        PersonHost console = new(width: width);
        await Hosted.RunAsync("$PSStyle.OutputRendering = 'PlainText'; Invoke-AmpAgent go @call | Out-Default", place, host: console);

        Assert.All(console.Shown.Split('\n'), line => Assert.InRange(line.TrimEnd('\r').Length, 0, width));
        Assert.Contains(Bare(Long), Bare(console.Shown), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_console_without_a_width_shows_it_all_the_same()
    {
        using Place place = new(script => script.Init().Assistant("Forty-two.").Result("Forty-two."));
        HostedOutcome outcome = await Hosted.RunAsync("Invoke-AmpAgent go @call | Out-String", place);

        Assert.Contains("Forty-two.", string.Concat(outcome.Output), StringComparison.Ordinal);
    }

    private static string Bare(string text) => string.Concat(text.Where(character => !char.IsWhiteSpace(character)));
}
