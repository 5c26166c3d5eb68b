using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Cli;

public sealed class CapabilityTests
{
    [Theory]
    [InlineData("2026-01-08", "free,rush,smart", "private,public,workspace,group", 17)]
    [InlineData("2026-01-26", "free,rush,smart", "private,public,workspace,group", 19)]
    [InlineData("2026-02-16", "deep,free,rush,smart", "private,public,workspace,group", 22)]
    [InlineData("2026-03-24", "deep,free,large,rush,smart", "private,public,workspace,group", 22)]
    [InlineData("2026-05-04", "deep,large,rush,smart", "private,public,workspace,group", 23)]
    [InlineData("2026-09-23", "low,medium,high,ultra", "private,unlisted,workspace,group", 33)]
    public void Modes_and_visibilities_are_those_that_the_help_names(string date, string modes, string visibilities, int options)
    {
        CliCapabilities capabilities = Help.Of(date);
        Assert.Equal(modes.Split(','), capabilities.Modes);
        Assert.Equal(visibilities.Split(','), capabilities.Visibilities);
        Assert.Equal(options, capabilities.Options.Count);
        Assert.Equal(capabilities.Options.Order(StringComparer.Ordinal), capabilities.Options);
    }

    [Theory]
    [InlineData("2026-09-23", "0.0.1790142911-g7618fb", "smart", true)]
    [InlineData("2026-09-23", "0.0.1790142911-g7618fb", "ULTRA", false)]
    [InlineData("2026-03-24", "0.0.1774310664-gcb98ac", "smart", false)]
    public async Task A_mode_that_the_help_does_not_name_is_passed_with_a_warning(string date, string version, string mode, bool isWarned)
    {
        using FakeRun run = new(new Amp.Testing.FakeCliScript().Version($"{version} (released {date}T00:00:00.000Z, 1mo ago)").Help(date).Read().Init().Result("done").Exit(0));
        run.Options = run.Options with { Mode = mode };
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal(isWarned, outcome.Texts(AmpEventKind.Warning).Any(warning => warning.Contains($"'{mode}'", StringComparison.Ordinal)));
        Assert.Contains(run.Record.Arguments, argument => argument.Equals($"--mode={mode}", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("--execute", true, true, true)]
    [InlineData("--stream-json", true, true, true)]
    [InlineData("--stream-json-input", true, true, true)]
    [InlineData("--mode", true, true, true)]
    [InlineData("--version", true, true, true)]
    [InlineData("--settings-file", true, true, true)]
    [InlineData("--no-ide", true, true, true)]
    [InlineData("--no-jetbrains", true, true, false)]
    [InlineData("--dangerously-allow-all", true, true, false)]
    [InlineData("--stream-json-thinking", false, true, true)]
    [InlineData("--label", false, true, true)]
    [InlineData("--archive", false, true, false)]
    [InlineData("--no-archive-after-execute", false, false, true)]
    [InlineData("--title", false, false, true)]
    [InlineData("--orb-execute", false, false, true)]
    [InlineData("--no-remote-control-terminal", false, false, true)]
    [InlineData("--attach", false, false, true)]
    [InlineData("-x", false, false, false)]
    [InlineData("--env", false, false, false)]
    [InlineData("--", false, false, false)]
    public void An_option_is_known_to_the_builds_that_have_it(string option, bool january, bool march, bool september) => Assert.Equal(
        (january, march, september),
        (Help.Of("2026-01-08").HasOption(option), Help.Of("2026-03-24").HasOption(option), Help.Of("2026-09-23").HasOption(option)));

    [Theory]
    [InlineData("login", true, true, true)]
    [InlineData("threads", true, true, true)]
    [InlineData("threads continue", true, true, true)]
    [InlineData("threads replay", true, false, false)]
    [InlineData("threads usage", false, true, true)]
    [InlineData("mcp oauth login", true, true, true)]
    [InlineData("review", false, true, false)]
    [InlineData("update", true, true, true)]
    [InlineData("orb simulator serve", false, false, true)]
    [InlineData("runner dirs add", false, false, true)]
    [InlineData("continue", false, false, false)]
    [InlineData("threads login", false, false, false)]
    [InlineData("threads mcp", false, false, false)]
    public void A_command_is_known_to_the_builds_that_have_it(string command, bool january, bool march, bool september) => Assert.Equal(
        (january, march, september),
        (Help.Of("2026-01-08").HasCommand(command), Help.Of("2026-03-24").HasCommand(command), Help.Of("2026-09-23").HasCommand(command)));

    [Theory]
    [InlineData("2026-01-08")]
    [InlineData("2026-03-24")]
    [InlineData("2026-09-23")]
    public void Every_command_stands_below_one_that_is_listed_too(string date)
    {
        IReadOnlyList<string> commands = Help.Of(date).Commands;
        Assert.Equal(commands.Distinct(), commands);
        Assert.All(commands, command => Assert.True(
            command.LastIndexOf(' ') is var end && (end < 0 || commands.Contains(command[..end])), command));
    }

    [Fact]
    public void The_commands_of_January_are_all_there() => Assert.Equal(
        [
            "logout", "login", "threads", "threads new", "threads continue", "threads fork", "threads list", "threads search",
            "threads share", "threads rename", "threads archive", "threads markdown", "threads replay", "tools", "tools list",
            "tools show", "tools make", "tools use", "skill", "skill add", "skill publish", "skill visibility", "skill list",
            "skill remove", "skill update", "skill info", "permissions", "permissions list", "permissions test",
            "permissions edit", "permissions add", "mcp", "mcp add", "mcp list", "mcp remove", "mcp oauth", "mcp oauth login",
            "mcp oauth logout", "mcp oauth status", "mcp doctor", "update",
        ],
        Help.Of("2026-01-08").Commands);

    [Theory]
    [InlineData("")]
    [InlineData("not a help text\nat all\n")]
    [InlineData("  --\n  -\n  -x\n      --not-here\n")]
    public void A_text_that_is_no_help_has_nothing(string text)
    {
        CliCapabilities capabilities = CliCapabilities.Parse(text);
        Assert.Empty(capabilities.Options);
        Assert.Empty(capabilities.Commands);
        Assert.Empty(capabilities.Modes);
    }

    [Fact]
    public void Features_come_with_what_they_are()
    {
        IReadOnlyList<CliFeature> features = Help.Of("2026-09-23").Features;
        Assert.Equal(["fast", "plaid", "pro"], features.Select(feature => feature.Name));
        Assert.Equal("Faster serving for supported models, billed at a premium", features[0].Description);
        Assert.EndsWith("billed at a steep premium; implies Fast on other models", features[1].Description, StringComparison.Ordinal);
        Assert.EndsWith("not supported by ChatGPT subscriptions)", features[2].Description, StringComparison.Ordinal);
        Assert.Empty(Help.Of("2026-03-24").Features);
        Assert.Equal(["local", "orb", "runner:<id>"], Help.Of("2026-09-23").Executors);
    }

    [Theory]
    [InlineData("2026-01-08", "error, warn, info, debug, audit")]
    [InlineData("2026-03-24", "error, warn, info, debug, audit")]
    [InlineData("2026-09-23", "")]
    public void Log_levels_are_levels_or_none(string build, string levels) =>
        Assert.Equal(levels, string.Join(", ", Help.Of(build).LogLevels));

    [Theory]
    [InlineData("")]
    [InlineData("(known: )")]
    [InlineData("(known: ; ;)")]
    [InlineData(")(known: fast")]
    [InlineData("(known: Not A Name)")]
    public void What_names_no_feature_has_none(string description) => Assert.Empty(CliFeature.ListIn(description));

    [Fact]
    public void Colours_make_no_difference()
    {
        string colored = string.Join(
            '\n', Help.Text("2026-01-26").Split('\n').Select(line => $"\u001b[1m{line.Replace("--", "\u001b[32m--", StringComparison.Ordinal)}\u001b[22m\u001b[39m"));
        Assert.Equal(Help.Of("2026-01-26").Options, CliCapabilities.Parse(colored).Options);
        Assert.Equal(Help.Of("2026-01-26").Commands, CliCapabilities.Parse(colored).Commands);
        Assert.Equal(["free", "rush", "smart"], CliCapabilities.Parse(colored).Modes);
    }

    [Fact]
    public void Line_ends_of_Windows_make_no_difference() => Assert.Equal(
        Help.Of("2026-03-24").Options, CliCapabilities.Parse(Help.Text("2026-03-24").ReplaceLineEndings("\r\n")).Options);
}
