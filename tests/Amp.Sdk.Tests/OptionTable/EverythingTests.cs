using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.OptionTable;

/// <summary>What the table says of a plan is what a process gets: everything that a CLI takes at once, on a fake one that says it is that build.</summary>
public sealed class EverythingTests
{
    private const string UserSettings = """{ "amp.permissions": [{"tool":"Read","action":"allow"}, {"tool":"Grep","action":"ask"}], "mine": 1 }""";

    public static TheoryData<string> Dates => OptionTableTests.Dates;

    [Theory]
    [MemberData(nameof(Dates))]
    public async Task A_process_gets_exactly_this(string date)
    {
        Build build = Build.All.Single(build => build.Date == date);
        using FakeRun run = new(build.Fake().Read().Init().Result("done"));
        string home = Path.GetDirectoryName(run.Project)!;
        SettingsRun.Write(Path.Combine(home, "mine.json"), UserSettings);
        AmpOptions start = run.Options;
        (run.Options, string arguments) = EverythingRows.Of(date, start, home);
        (await run.RunAsync("the prompt")).Succeeded("done");

        FakeCliRecord record = run.Record;
        FakeCliFile settings = record.File("--settings-file");
        FakeCliFile servers = record.File("--mcp-config");
        string folder = Path.GetDirectoryName(settings.Path)!;
        Assert.Equal(
            arguments,
            Shown.Arguments(record.Arguments.Select(argument => argument.Replace(folder + Path.DirectorySeparatorChar, "{private}/", StringComparison.Ordinal)), home));
        Assert.Equal(("the prompt", true, run.Project), (record.StandardInput.Text, record.ReachedEndOfInput, record.WorkingDirectory));
        Assert.Equal(Shown.Json(EverythingRows.Settings(date), home), Shown.Json(settings.Content!, home));
        Assert.Equal(
            Shown.Json("""{"calc":{"command":"node","args":["x.js"],"env":{"TOKEN":"canary-of-mcp"}},"web":{"url":"https://example.test/mcp"}}""", home),
            Shown.Json(servers.Content!, home));
        if (!OperatingSystem.IsWindows())
        {
            Assert.All([settings, servers], file => Assert.Equal(("600", "700"), (file.Mode, file.FolderMode)));
        }

        Dictionary<string, string?> ofTheRow = new()
        {
            ["AMP_API_KEY"] = "canary-of-the-key",
            ["AMP_TOOLBOX"] = Path.Combine(home, "tools"),
            ["ZZ_NEW"] = "ü",
            ["LANG"] = null,
        };
        Assert.Equal(
            Shown.ExpectedVariables(start.Environment!, ofTheRow),
            Shown.Lines(record.Environment.Where(variable => variable.Key != "AMP_SDK_RUN_ID")
                .Select(variable => KeyValuePair.Create(variable.Key, (string?)variable.Value))));
        Assert.False(Directory.Exists(folder));
        Assert.Equal(UserSettings, await File.ReadAllTextAsync(Path.Combine(home, "mine.json"), TestContext.Current.CancellationToken));
    }
}
