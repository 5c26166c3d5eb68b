using System.Text.Json;
using Amp.Testing;

namespace Amp.FakeCli.Tests;

public sealed class RecordTests
{
    [Fact]
    public async Task Every_argument_arrives_as_it_was_given()
    {
        string[] arguments = ["--execute", "", "a b", "\"quoted\"", "--x=$(rm)", "größer 😀", "new\nline", "--", "-"];
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Read(), "", arguments);

        Assert.Equal(arguments, fake.Record.Arguments);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal([RepositoryLayout.FakeCli, .. arguments], fake.Record.CommandLine);
        }
    }

    [Fact]
    public async Task The_process_is_described()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(new FakeCliScript().Session("T-1").Exit(3));

        FakeCliRecord record = FakeCliRecord.ReadRun(fake.Log);
        Assert.Equal(fake.Id, record.ProcessId);
        Assert.Equal(RepositoryLayout.FakeCli, record.Program);
        Assert.Equal("project", Path.GetFileName(record.WorkingDirectory));
        Assert.Equal("T-1", record.SessionId);
        Assert.Equal(3, record.ExitCode);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(Environment.ProcessId, record.ParentProcessId);
        }

        if (OperatingSystem.IsLinux())
        {
            // Not "greater than 0": in a container whose leader was started outside of it, both are 0.
            string[] ours = (await File.ReadAllTextAsync("/proc/self/stat", TestContext.Current.CancellationToken)).Split(") ")[^1].Split(' ');
            Assert.Equal(ours[2], $"{record.ProcessGroupId}");
            Assert.Equal(ours[3], $"{record.SystemSessionId}");
        }
    }

    [Fact]
    public async Task The_environment_is_recorded_in_order()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().Exit(0), process =>
        {
            process.Environment["AMP_API_KEY"] = "sgamp_canary";
            process.Environment["EMPTY_ONE"] = "";
            process.Environment.Remove("LANG");
        });
        await fake.WaitForExitAsync();

        Assert.Equal("sgamp_canary", fake.Record.Environment["AMP_API_KEY"]);
        Assert.False(fake.Record.Environment.ContainsKey("LANG"));
        using JsonDocument document = JsonDocument.Parse(
            await File.ReadAllTextAsync(Directory.GetFiles(fake.Log, "*.json").Single(), TestContext.Current.CancellationToken));
        string[] names = [.. document.RootElement.GetProperty("environment").EnumerateObject().Select(variable => variable.Name)];
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public async Task Files_of_the_call_are_kept_with_their_modes()
    {
        using PrivateHome home = new();
        string settings = Write(home, "settings.json", """{"amp.permissions":[]}""");
        string servers = Write(home, "mcp.json", """{"ps":{"url":"http://127.0.0.1"}}""");
        string fromEnvironment = Path.Combine(home.Root, "missing.json");

        using FakeCliProcess fake = FakeCliProcess.Start(
            new FakeCliScript().Exit(0),
            process => process.Environment["AMP_SETTINGS_FILE"] = fromEnvironment,
            $"--settings-file={settings}", "--mcp-config", servers);
        await fake.WaitForExitAsync();
        File.Delete(settings);

        FakeCliRecord record = fake.Record;
        Assert.Equal("""{"amp.permissions":[]}""", record.File("--settings-file").Content);
        Assert.Equal(settings, record.File("--settings-file").Path);
        Assert.Equal("""{"ps":{"url":"http://127.0.0.1"}}""", record.File("--mcp-config").Content);
        Assert.Null(record.File("AMP_SETTINGS_FILE").Content);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal("600", record.File("--settings-file").Mode);
            Assert.Equal("700", record.File("--settings-file").FolderMode);
        }
    }

    [Fact]
    public async Task Configuration_on_the_command_line_is_no_file()
    {
        using FakeCliProcess fake = await FakeCliProcess.RunAsync(
            new FakeCliScript().Exit(0), "", "--mcp-config", """{"a":{"command":"x"}}""", "--settings-file", "nul\u0001?*");

        Assert.DoesNotContain(fake.Record.Files, file => file.Source == "--mcp-config");
        Assert.Null(fake.Record.File("--settings-file").Content);
    }

    [Fact]
    public async Task Of_a_killed_process_the_last_state_remains()
    {
        using FakeCliProcess fake = FakeCliProcess.Start(new FakeCliScript().ReadLine().SpawnChild("quiet").Out("ready").Hang());
        await fake.WriteAsync("line\n");
        await fake.WaitForOutputAsync("ready");

        fake.Kill();
        await fake.WaitForExitAsync();

        Assert.Single(fake.Record.ChildProcessIds);
        Assert.Equal("line\n", fake.Record.StandardInput.Text);
    }

    [Fact]
    public async Task A_reader_never_sees_half_a_record()
    {
        FakeCliScript script = new FakeCliScript().Repeat(30, steps => steps.SpawnChild("quiet")).Exit(0);
        using FakeCliProcess fake = FakeCliProcess.Start(script);

        await FakeCliProcess.WaitUntilAsync(() =>
            FakeCliRecord.ReadAll(fake.Log).Any(record => record.ChildProcessIds.Count == 30));

        await fake.WaitForExitAsync();
        Assert.Equal(30, fake.Record.ChildProcessIds.Distinct().Count());
    }

    [Fact]
    public void Where_nothing_was_started_nothing_is_read() =>
        Assert.Empty(FakeCliRecord.ReadAll(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))));

    private static string Write(PrivateHome home, string name, string text)
    {
        string path = Path.Combine(home.Root, name);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using StreamWriter writer = new(path, options);
        writer.Write(text);
        return path;
    }
}
