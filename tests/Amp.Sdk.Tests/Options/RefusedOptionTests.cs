using Amp.Options;

namespace Amp.Sdk.Tests.Options;

/// <summary>What is refused without asking any CLI.</summary>
public sealed class RefusedOptionTests
{
    public static TheoryData<string, AmpOptions, string> Refused => new()
    {
        { "blank in a label", new AmpOptions { Labels = ["a b"] }, nameof(AmpOptions.Labels) },
        { "label with a dash in front", new AmpOptions { Labels = ["-x"] }, nameof(AmpOptions.Labels) },
        { "label with a line end", new AmpOptions { Labels = ["a\n"] }, nameof(AmpOptions.Labels) },
        { "empty label", new AmpOptions { Labels = [""] }, nameof(AmpOptions.Labels) },
        { "21 labels", new AmpOptions { Labels = [.. Enumerable.Range(0, 21).Select(i => $"l{i}")] }, nameof(AmpOptions.Labels) },
        { "NUL in the title", new AmpOptions { Title = "a\0b" }, nameof(AmpOptions.Title) },
        { "empty system prompt", new AmpOptions { SystemPrompt = " " }, nameof(AmpOptions.SystemPrompt) },
        { "no toolbox", new AmpOptions { Toolbox = "/nowhere/at/all" }, nameof(AmpOptions.Toolbox) },
        { "no skills", new AmpOptions { Skills = "/nowhere/at/all" }, nameof(AmpOptions.Skills) },
        { "two threads", new AmpOptions { ThreadId = "T-x", ContinueLatestThread = true }, nameof(AmpOptions.ContinueLatestThread) },
        { "title of an old thread", new AmpOptions { ContinueLatestThread = true, Title = "x" }, nameof(AmpOptions.Title) },
        { "visibility of an old thread", new AmpOptions { ContinueLatestThread = true, Visibility = "private" }, nameof(AmpOptions.Visibility) },
        { "prompt as an argument", new AmpOptions { ExtraArguments = ["do it"] }, nameof(AmpOptions.ExtraArguments) },
        { "end of options", new AmpOptions { ExtraArguments = ["--"] }, nameof(AmpOptions.ExtraArguments) },
        { "execute", new AmpOptions { ExtraArguments = ["--execute=x"] }, nameof(AmpOptions.ExtraArguments) },
        { "short execute", new AmpOptions { ExtraArguments = ["-xdo"] }, nameof(AmpOptions.ExtraArguments) },
        { "settings", new AmpOptions { ExtraArguments = ["--settings-file=/x"] }, nameof(AmpOptions.ExtraArguments) },
        { "secret by MCP", new AmpOptions { ExtraArguments = ["--mcp-config={}"] }, nameof(AmpOptions.ExtraArguments) },
        { "help", new AmpOptions { ExtraArguments = ["--help"] }, nameof(AmpOptions.ExtraArguments) },
        { "allow all past the rejects", new AmpOptions { ExtraArguments = ["--dangerously-allow-all"] }, nameof(AmpOptions.ExtraArguments) },
        { "NUL in an extra argument", new AmpOptions { ExtraArguments = ["--a=\0"] }, nameof(AmpOptions.ExtraArguments) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void It_is_an_error_that_names_the_option_and_the_way_out(string what, AmpOptions options, string optionName)
    {
        Assert.NotEmpty(what);
        AmpValidationException error = Assert.Throws<AmpValidationException>(() => OptionChecks.Check(options));
        Assert.Equal((AmpErrorId.InvalidOption, optionName), (error.ErrorId, error.OptionName));
        Assert.NotEmpty(error.RecommendedAction!);
    }

    [Fact]
    public void What_is_unusual_and_harmless_passes() => OptionChecks.Check(new AmpOptions
    {
        Labels = [.. Enumerable.Range(0, 20).Select(i => $"L-{i}")],
        ExtraArguments = ["--effort=high", "-q"],
        EnabledTools = [],
    });
}
