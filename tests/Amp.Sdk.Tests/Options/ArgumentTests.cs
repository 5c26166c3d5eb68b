using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Options;

/// <summary>The arguments of a run on a CLI that nothing is known of, and what must never become one.</summary>
public sealed class ArgumentTests
{
    private const string Thread = "T-01a1fbd7-0c6f-734a-b675-4e105a21993a";

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
}
