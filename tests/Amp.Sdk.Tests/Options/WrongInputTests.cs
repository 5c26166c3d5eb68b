using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Options;

/// <summary>Wrong input of every kind has an error of its own, and leaves no trace: no process was started, no file written or changed.</summary>
public sealed class WrongInputTests
{
    private const string Thread = "T-01a1fbd7-0c6f-734a-b675-4e105a21993a";

    /// <summary>What is wrong, the option that the error names, and what its message says.</summary>
    public static TheoryData<string, string, string> Kinds => new()
    {
        { "a label with a blank", "Labels", "'a b' is not a valid label." },
        { "labels without end", "Labels", "There are 21 labels." },
        { "an empty mode", "Mode", "Mode is empty." },
        { "broken settings", "SettingsFile", "line 2, column 8" },
        { "broken settings of the user", "SettingsFile", "line 2, column 8" },
        { "settings that are none", "SettingsFile", "missing.json" },
        { "broken MCP text", "McpConfig", "line 2, column 8" },
        { "a broken MCP file", "McpConfig", "line 2, column 8" },
        { "an MCP entry that is no server", "McpConfig", "'a'" },
        { "a thread that is none", "ThreadId", "'T-1' is not a valid thread" },
        { "two threads", "ContinueLatestThread", "cannot be used together" },
        { "a title for an old thread", "Title", "Title applies to new threads" },
        { "a delegation without a target", "To", "requires a program" },
        { "a delegation to nowhere", "To", "does not exist" },
        { "a NUL in an argument", "ExtraArguments", "NUL" },
        { "a NUL in the mode", "Mode", "NUL" },
        { "a NUL in a variable", "Environment", "NUL" },
        { "a NUL in the API key", "ApiKey", "NUL" },
        { "an argument that breaks the stream", "ExtraArguments", "'--execute' conflicts with" },
        { "a working directory that is none", "WorkingDirectory", "does not exist" },
        { "a toolbox that is none", "Toolbox", "is not a folder" },
        { "skills that are none", "Skills", "is not a folder" },
        { "a time before now", "Timeout", "-00:00:01" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task It_is_refused_before_anything_happens(string kind, string optionName, string message)
    {
        using FakeRun run = new();
        string home = Path.GetDirectoryName(run.Project)!;
        string broken = Path.Combine(home, "broken.json");
        SettingsRun.Write(broken, "{\n  \"a\": oops\n}");
        if (kind == "broken settings of the user")
        {
            SettingsRun.Write(Path.Combine(home, ".config", "amp", "settings.json"), "{\n  \"a\": oops\n}");
        }

        run.Set(("XDG_CACHE_HOME", Path.Combine(home, "cache")));
        string before = State(home);
        AmpValidationException preview = Assert.Throws<AmpValidationException>(() => AmpClient.Preview("hi", With(kind, run.Options, broken)));
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(
            () => AmpClient.PlanAsync("hi", With(kind, run.Options, broken), TestContext.Current.CancellationToken));
        Assert.Equal((AmpErrorId.InvalidOption, optionName), (error.ErrorId, error.OptionName));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.RecommendedAction!);
        Assert.Equal((error.Message, error.OptionName), (preview.Message, preview.OptionName));
        Assert.Empty(FakeCliRecord.ReadAll(run.Log));
        Assert.Equal(before, State(home));
    }

    [Theory]
    [InlineData("a mode that the CLI lacks", "Mode", "has no mode 'turbo'")]
    [InlineData("a visibility that the CLI lacks", "Visibility", "has no visibility 'everybody'")]
    [InlineData("a title where there are none", "Title", "does not know '--title'")]
    public async Task What_only_the_CLI_can_tell_is_asked_of_it_and_no_run_started(string kind, string optionName, string message)
    {
        using FakeRun run = new(new FakeCliScript().Help("2026-03-24"));
        run.Options = With(kind, run.Options, "");
        AmpValidationException error = (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.UnsupportedByCli);
        Assert.Equal(optionName, error.OptionName);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(["Help", "Version"], FakeCliRecord.ReadAll(run.Log).Select(record => record.Kind).Order(StringComparer.Ordinal));
    }

    // A rule that cannot be is refused when it is made.
    private static AmpOptions With(string kind, AmpOptions options, string broken) => kind switch
    {
        "a label with a blank" => options with { Labels = ["good", "a b"] },
        "labels without end" => options with { Labels = [.. Enumerable.Range(0, 21).Select(i => $"l{i}")] },
        "an empty mode" => options with { Mode = " " },
        "a mode that the CLI lacks" => options with { Mode = "turbo" },
        "a visibility that the CLI lacks" => options with { Visibility = "everybody" },
        "a title where there are none" => options with { Title = "x" },
        "broken settings" => options with { SettingsFile = broken },
        "broken settings of the user" => options with { Permissions = [new AmpPermission("Read", PermissionAction.Allow)] },
        "settings that are none" => options with { SettingsFile = Path.Combine(options.WorkingDirectory!, "missing.json") },
        "broken MCP text" => options with { McpConfig = File.ReadAllText(broken) },
        "a broken MCP file" => options with { McpConfig = broken },
        "an MCP entry that is no server" => options with { McpConfig = """{"a":{"nothing":1}}""" },
        "a thread that is none" => options with { ThreadId = "T-1" },
        "two threads" => options with { ThreadId = Thread, ContinueLatestThread = true },
        "a title for an old thread" => options with { ThreadId = Thread, Title = "x" },
        "a delegation without a target" => options with { Permissions = [new AmpPermission("*", PermissionAction.Delegate)] },
        "a delegation to nowhere" => options with { Permissions = [new AmpPermission("*", PermissionAction.Delegate, to: "/nowhere/at/all")] },
        "a NUL in an argument" => options with { ExtraArguments = ["--a=\0"] },
        "a NUL in the mode" => options with { Mode = "sm\0art" },
        "a NUL in a variable" => options with { Environment = new Dictionary<string, string?>(options.Environment!) { ["A"] = "\0" } },
        "a NUL in the API key" => options with { ApiKey = Mcp.Servers.Secure("a\0b") },
        "an argument that breaks the stream" => options with { ExtraArguments = ["--execute=x"] },
        "a working directory that is none" => options with { WorkingDirectory = "/nowhere/at/all" },
        "a toolbox that is none" => options with { Toolbox = "/nowhere/at/all" },
        "skills that are none" => options with { Skills = "/nowhere/at/all" },
        "a time before now" => options with { Timeout = TimeSpan.FromSeconds(-1) },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static string State(string folder) => string.Join('\n', Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .Select(path => $"{path} {(File.Exists(path) ? File.ReadAllText(path) : "")} {File.GetLastWriteTimeUtc(path):O}"));
}
