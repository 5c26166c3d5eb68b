using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Options;

/// <summary>The arguments of a run, exactly, on each build.</summary>
public sealed class ArgumentTests
{
    private const string Thread = "T-01a1fbd7-0c6f-734a-b675-4e105a21993a";
    private const string January = "--no-ide --no-jetbrains --no-notifications";
    private const string March = $"{January} --no-color";
    private const string SeptemberQuiet = "--no-ide --no-notifications --no-color --no-remote-control-terminal";
    private const string September = $"--no-archive-after-execute {SeptemberQuiet}";

    [Theory]
    [InlineData("2026-01-08", $"--execute --stream-json {January}")]
    [InlineData("2026-03-24", $"--execute --stream-json {March}")]
    [InlineData("2026-09-23", $"--execute --stream-json {September}")]
    public void A_run_without_options(string date, string expected) => Arguments(date, new AmpOptions(), expected);

    [Theory]
    [InlineData("2026-01-08", $"--execute --stream-json --mode=smart {January}")]
    [InlineData("2026-09-23", $"--execute --stream-json --mode=high {September}")]
    public void A_mode(string date, string expected) =>
        Arguments(date, new AmpOptions { Mode = date == "2026-09-23" ? "high" : "smart" }, expected);

    [Theory]
    [InlineData("2026-01-08", $"--execute --stream-json --dangerously-allow-all {January}")]
    [InlineData("2026-03-24", $"--execute --stream-json --dangerously-allow-all {March}")]
    [InlineData("2026-09-23", $"--execute --stream-json --dangerously-allow-all {September}")]
    public void Every_tool_allowed(string date, string expected) =>
        Arguments(date, new AmpOptions { DangerouslyAllowAll = true }, expected);

    [Theory]
    [InlineData("2026-03-24", $"--execute --stream-json --stream-json-thinking {March}")]
    [InlineData("2026-09-23", $"--execute --stream-json --stream-json-thinking {September}")]
    public void Thinking(string date, string expected) => Arguments(date, new AmpOptions { IncludeThinking = true }, expected);

    [Fact]
    public void Thinking_is_refused_where_the_CLI_has_none()
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(
            () => CommandLine.Of(new AmpOptions { IncludeThinking = true }, Help.Cli("2026-01-08")));
        Assert.Equal((AmpErrorId.UnsupportedByCli, nameof(AmpOptions.IncludeThinking)), (error.ErrorId, error.OptionName));
        Assert.Contains("--stream-json-thinking", error.Message, StringComparison.Ordinal);
        Assert.Contains("0.0.1-g2026-01-08", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
    }

    [Theory]
    [InlineData("2026-01-08", January)]
    [InlineData("2026-03-24", March)]
    [InlineData("2026-09-23", SeptemberQuiet)]
    public void A_thread_to_continue(string date, string ending)
    {
        string expected = $"threads continue {Thread} --execute --stream-json {ending}";
        Arguments(date, new AmpOptions { ThreadId = Thread }, expected);
        Arguments(date, new AmpOptions { ThreadId = $" https://ampcode.com/threads/{Thread.ToUpperInvariant()}?x=1 " }, expected);
        Arguments(
            date, new AmpOptions { ContinueLatestThread = true }, $"threads continue --last --execute --stream-json {ending}");
    }

    [Fact]
    public void Of_an_unknown_CLI_only_what_all_know_is_asked()
    {
        AmpOptions options = new() { ThreadId = Thread, Mode = "deep", DangerouslyAllowAll = true, IncludeThinking = true };
        Assert.Equal(
            $"threads continue {Thread} --execute --stream-json --stream-json-thinking --mode=deep --dangerously-allow-all",
            CommandLine.Of(options, null));
    }

    [Theory]
    [InlineData("--dangerously-allow-all")]
    [InlineData("T-1")]
    [InlineData("T-01a1fbd7-0c6f-734a-b675-4e105a21993a --dangerously-allow-all")]
    [InlineData("T-01a1fbd7-0c6f-734a-b675-4e105a21993a\n--x")]
    [InlineData("-T-01a1fbd7-0c6f-734a-b675-4e105a21993a")]
    [InlineData("javascript:T-01a1fbd7-0c6f-734a-b675-4e105a21993a")]
    [InlineData("https://evil host/threads/T-01a1fbd7-0c6f-734a-b675-4e105a21993a")]
    [InlineData("T-01a1fbd7-0c6f-734a-b675-4e105a21993a\0")]
    [InlineData("")]
    public void What_is_no_thread_is_refused(string thread)
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(
            () => CommandLine.Of(new AmpOptions { ThreadId = thread }, null));
        Assert.Equal((AmpErrorId.InvalidOption, nameof(AmpOptions.ThreadId)), (error.ErrorId, error.OptionName));
    }

    private static void Arguments(string date, AmpOptions options, string expected) =>
        Assert.Equal(expected, CommandLine.Of(options, Help.Cli(date)));
}
