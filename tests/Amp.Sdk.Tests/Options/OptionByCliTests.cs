using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Options;

/// <summary>The options that CLIs of different dates know, or do not: exactly the argument, or exactly the error.</summary>
public sealed class OptionByCliTests
{
    private const string January = "2026-01-08";
    private const string March = "2026-03-24";
    private const string September = "2026-09-23";

    public static TheoryData<string, string, AmpOptions, string> Known => new()
    {
        { "visibility", January, new AmpOptions { Visibility = "private" }, "--visibility=private" },
        { "public", March, new AmpOptions { Visibility = "public" }, "--visibility=public" },
        { "public is unlisted", September, new AmpOptions { Visibility = "public" }, "--visibility=unlisted" },
        { "unlisted was public", March, new AmpOptions { Visibility = "unlisted" }, "--visibility=public" },
        { "label", March, new AmpOptions { Labels = ["nightly", "a-1"] }, "--label=nightly --label=a-1" },
        { "label", September, new AmpOptions { Labels = ["nightly"] }, "--label=nightly" },
        { "title", September, new AmpOptions { Title = "--x y" }, "--title=--x y" },
        { "feature", September, new AmpOptions { Features = ["fast"] }, "--features=fast" },
        { "executor", September, new AmpOptions { Executor = "local" }, "--executor=local" },
        { "archive", March, new AmpOptions { Archive = true }, "--archive" },
        { "log", January, new AmpOptions { LogLevel = "debug", LogFile = "/tmp/x.log" }, "--log-level=debug --log-file=/tmp/x.log" },
        { "mode of a plugin", September, new AmpOptions { Mode = "my-plugin" }, "--mode=my-plugin" },
        { "extra", September, new AmpOptions { ExtraArguments = ["--attach=a b"] }, "--attach=a b" },
    };

    public static TheoryData<string, string, AmpOptions, string> Unknown => new()
    {
        { "label", January, new AmpOptions { Labels = ["x"] }, nameof(AmpOptions.Labels) },
        { "title", March, new AmpOptions { Title = "x" }, nameof(AmpOptions.Title) },
        { "feature", March, new AmpOptions { Features = ["fast"] }, nameof(AmpOptions.Features) },
        { "executor", January, new AmpOptions { Executor = "orb" }, nameof(AmpOptions.Executor) },
        { "archive", January, new AmpOptions { Archive = true }, nameof(AmpOptions.Archive) },
        { "mode", March, new AmpOptions { Mode = "ultra" }, nameof(AmpOptions.Mode) },
        { "deep", January, new AmpOptions { Mode = "deep" }, nameof(AmpOptions.Mode) },
        { "smart", September, new AmpOptions { Mode = "smart" }, nameof(AmpOptions.Mode) },
        { "visibility", March, new AmpOptions { Visibility = "everybody" }, nameof(AmpOptions.Visibility) },
        { "thinking", January, new AmpOptions { IncludeThinking = true }, nameof(AmpOptions.IncludeThinking) },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void What_a_CLI_knows_is_passed_as_one_argument_each(string what, string date, AmpOptions options, string expected)
    {
        Assert.NotEmpty(what);
        Assert.Contains($" {expected} ", $" {CommandLine.Of(options, Help.Cli(date))} ", StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Unknown))]
    public void What_a_CLI_lacks_is_refused_with_its_version_and_a_way_out(string what, string date, AmpOptions options, string optionName)
    {
        Assert.NotEmpty(what);
        AmpValidationException error = Assert.Throws<AmpValidationException>(() => CommandLine.Of(options, Help.Cli(date)));
        Assert.Equal((AmpErrorId.UnsupportedByCli, optionName), (error.ErrorId, error.OptionName));
        Assert.Contains(Help.Cli(date).Version, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.RecommendedAction!);
    }

    [Fact]
    public void Archiving_is_the_default_left_on_where_the_CLI_archives_by_itself()
    {
        string arguments = CommandLine.Of(new AmpOptions { Archive = true }, Help.Cli(September));
        Assert.DoesNotContain("archive", arguments, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_switched_off_by_default_can_be_left_on()
    {
        AmpOptions options = new() { NoIde = false, NoJetBrains = false, NoNotifications = false, NoColor = false };
        Assert.Equal("--execute --stream-json", CommandLine.Of(options, Help.Cli(March)));
    }
}
