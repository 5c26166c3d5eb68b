using Amp.Options;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Options;

/// <summary>What is refused without asking any CLI.</summary>
public sealed class RefusedOptionTests
{
    private static readonly AmpTool s_tool = new("Look", "Looks.", """{"type":"object"}""", (_, _) => Task.FromResult(new ToolResult("seen")));

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
        { "another machine by an extra argument", new AmpOptions { ExtraArguments = ["--executor=orb"] }, nameof(AmpOptions.ExtraArguments) },
        { "tools on another machine", new AmpOptions { Executor = "orb", Tools = [s_tool] }, nameof(AmpOptions.Tools) },
        { "approval on another machine", new AmpOptions { Executor = "runner:7", Approval = (_, _) => Task.FromResult(ApprovalDecision.Reject()) }, nameof(AmpOptions.Approval) },
        { "structured answer on another machine", new AmpOptions { Executor = "orb", OutputSchema = OutputSchema.Parse("""{"type":"string"}""") }, nameof(AmpOptions.OutputSchema) },
        { "toolbox on another machine", new AmpOptions { Executor = "orb", Toolbox = Path.GetTempPath() }, nameof(AmpOptions.Toolbox) },
        { "server that is started here", new AmpOptions { Executor = "orb", McpServers = [new McpStdioServer("a", "b")] }, nameof(AmpOptions.McpServers) },
        { "server that listens here", new AmpOptions { Executor = "orb", McpServers = [new McpHttpServer("a", "http://localhost:8080/")] }, nameof(AmpOptions.McpServers) },
        { "thread that is archived before it is continued", new AmpOptions { Archive = true, RetryLimit = 1 }, nameof(AmpOptions.Archive) },
        { "empty path of a protected file", new AmpOptions { Verify = (_, _) => Task.FromResult(new AmpVerification(true)), VerifyPaths = [""] }, nameof(AmpOptions.VerifyPaths) },
        { "NUL in an extra argument", new AmpOptions { ExtraArguments = ["--a=\0"] }, nameof(AmpOptions.ExtraArguments) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void It_is_an_error_that_names_the_option_and_the_way_out(string what, AmpOptions options, string optionName)
    {
        Assert.NotEmpty(what);
        AmpValidationException error = Assert.Throws<AmpValidationException>(() => OptionChecks.CheckRun(options));
        Assert.Equal((AmpErrorId.InvalidOption, optionName), (error.ErrorId, error.OptionName));
        Assert.NotEmpty(error.RecommendedAction!);
    }

    [Fact]
    public void What_works_here_and_there_passes()
    {
        OptionChecks.CheckRun(new AmpOptions { Executor = "Local", Tools = [s_tool], McpServers = [new McpStdioServer("a", "b")] });
        OptionChecks.CheckRun(new AmpOptions { Executor = "orb", McpServers = [new McpHttpServer("a", "https://mcp.example/"), new McpStdioServer("b", "c", disabled: true)] });
    }

    [Fact]
    public async Task What_may_not_hold_on_another_machine_is_a_warning_before_the_run()
    {
        using FakeRun run = new(new FakeCliScript().Help("2026-09-23").Version("0.0.1790142911-g7618fb (released 2026-09-23T05:55:11.000Z)").Init().Result("done"));
        run.Options = run.Options with { Executor = "orb", Permissions = [new AmpPermission("Bash", PermissionAction.Reject)], EnabledTools = ["Read"] };
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal("Warning system result", outcome.Kinds);
        Assert.Contains("'orb', where these options may not apply: Permissions, EnabledTools.", outcome.Texts(AmpEventKind.Warning)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_unusual_and_harmless_passes() => OptionChecks.CheckRun(new AmpOptions
    {
        Labels = [.. Enumerable.Range(0, 20).Select(i => $"L-{i}")],
        ExtraArguments = ["--effort=high", "-q"],
        EnabledTools = [],
    });
}
