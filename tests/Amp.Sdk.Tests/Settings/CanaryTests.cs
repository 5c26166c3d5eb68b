using System.Diagnostics;
using System.Security;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Settings;

/// <summary>Secrets of every kind, and every place in which they must not turn up.</summary>
public sealed class CanaryTests
{
    private const string SharedMark = "AMP_TEST_SHARED_TEMPORARY_FOLDER";

    private static readonly string[] s_canaries = ["canary-api-key-1", "canary-header-2", "canary-variable-3", "canary-client-4", "canary-text-5"];

    [Theory]
    [InlineData("ends well")]
    [InlineData("fails")]
    [InlineData("ends with an error")]
    public async Task A_secret_is_in_the_files_of_the_run_and_nowhere_else(string ending)
    {
        FakeCliScript script = new FakeCliScript().Read();
        foreach (string canary in s_canaries)
        {
            script.Error($"token {canary} refused").Out($"text with {canary}").Out("{\"broken\": \"" + canary);
        }

        script = ending switch
        {
            "fails" => script.Exit(3),
            "ends well" => script.Init().Assistant("a").Result("done"),
            _ => script.Init().ErrorResult("no"),
        };
        using FakeRun run = new(script);
        run.Options = WithSecrets(run.Options);
        RunPlan plan = await run.PlanAsync();
        IsClean(string.Join('\n', [.. plan.Arguments, .. plan.VariableNames, .. plan.SettingsKeys, plan.ToString()!, plan.SettingsFile!]), "the plan");
        IsClean(run.Options.ToString(), "the options");
        RunOutcome outcome = await run.RunAsync();
        Assert.NotEmpty(outcome.Events);
        IsClean(outcome.Everything, "the events and the exception");
        FakeCliRecord record = run.Record;
        Assert.Equal(s_canaries[0], record.Environment["AMP_API_KEY"]);
        string config = record.File("--mcp-config").Content!;
        Assert.All(s_canaries[1..], canary => Assert.Contains(canary, config, StringComparison.Ordinal));
        foreach (FakeCliRecord start in FakeCliRecord.ReadAll(run.Log))
        {
            IsClean(string.Join('\n', [.. start.Arguments, .. start.CommandLine]), "a command line");
        }

        FilesAreForNobodyElse(run);
        NothingIsLeftOnDisk(run);
    }

    /// <summary>The same in a process of its own, whose temporary folder is everybody's and whose files are open unless it closes them.</summary>
    [Fact]
    public async Task A_secret_is_nowhere_else_where_the_temporary_folder_is_shared_and_files_are_open_by_default()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has neither a file mode mask nor a temporary folder for all.");
        Assert.SkipWhen(Environment.GetEnvironmentVariable(SharedMark) is not null, "This is the process of its own.");
        DirectoryInfo shared = Directory.CreateTempSubdirectory("amp-shared-");
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(shared.FullName, (UnixFileMode)0x3FF); // 1777, as /tmp has it.
            }

            string[] tests = ["-method", $"{typeof(CanaryTests).FullName}.{nameof(A_secret_is_in_the_files_of_the_run_and_nowhere_else)}"];
            ProcessStartInfo start = new("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
            string program = Path.Combine(AppContext.BaseDirectory, "Amp.Sdk.Tests");
            foreach (string argument in (string[])["-c", "umask 000 && exec \"$@\"", "sh", program, .. tests])
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment["TMPDIR"] = shared.FullName;
            start.Environment[SharedMark] = "1";
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, output + await errors);
            Assert.Contains("Total: 3, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
            Assert.Empty(shared.EnumerateFileSystemInfos("amp-sdk-*"));
            Assert.All(shared.EnumerateFiles("*", SearchOption.AllDirectories), file => IsClean(File.ReadAllText(file.FullName), file.FullName));
        }
        finally
        {
            shared.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("{ \"broken\": \"canary-text-5\"", false)]
    [InlineData("// mine\n[\"canary-text-5\"]", false)]
    [InlineData("servers/mcp.json", true)]
    public void The_text_of_options_has_the_path_of_servers_and_never_their_content(string config, bool isShown)
    {
        string text = new AmpOptions { McpConfig = config, Mode = "smart" }.ToString();
        IsClean(text, "the options");
        Assert.Equal(isShown, text.Contains(config, StringComparison.Ordinal));
        Assert.Contains("Mode = smart", text, StringComparison.Ordinal);
    }

    private static AmpOptions WithSecrets(AmpOptions options)
    {
        SecureString key = new();
        s_canaries[0].ToList().ForEach(key.AppendChar);
        return options with
        {
            ApiKey = key,
            Permissions = [new AmpPermission("Read", PermissionAction.Allow)],
            McpServers =
            [
                new McpHttpServer(
                    "web",
                    "https://example.test/mcp",
                    new Dictionary<string, SecretText> { ["Authorization"] = "Bearer " + s_canaries[1] },
                    oauth: new McpOAuth("client", "https://example.test/a", "https://example.test/t", s_canaries[3])),
                new McpStdioServer("local", "node", ["x.js"], new Dictionary<string, SecretText> { ["DATA"] = s_canaries[2] }),
            ],
            McpConfig = """{"text":{"url":"https://example.test/text","headers":{"Authorization":"Bearer CANARY"}}}"""
                .Replace("CANARY", s_canaries[4], StringComparison.Ordinal),
        };
    }

    private static void IsClean(string text, string place) =>
        Assert.All(s_canaries, canary => Assert.False(text.Contains(canary, StringComparison.Ordinal), $"{place} has {canary}: {text}"));

    private static void FilesAreForNobodyElse(FakeRun run)
    {
        Assert.Equal(2, run.Record.Files.Count);
        Assert.All(run.Record.Files, file => Assert.NotNull(file.Content));
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Assert.All(run.Record.Files, file => Assert.Equal(("600", "700"), (file.Mode, file.FolderMode)));
        if (Environment.GetEnvironmentVariable(SharedMark) is not null)
        {
            // Else it would prove nothing.
            string open = run.Mark("open");
            File.WriteAllText(open, string.Empty);
            Assert.True(File.GetUnixFileMode(open).HasFlag(UnixFileMode.OtherWrite));
            Assert.All(run.Record.Files, file => Assert.StartsWith(Path.GetTempPath(), file.Path, StringComparison.Ordinal));
        }
    }

    // The fake's own log and script hold them on purpose.
    private static void NothingIsLeftOnDisk(FakeRun run)
    {
        string home = Path.GetDirectoryName(run.Project)!;
        foreach (string file in Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories))
        {
            if (!file.StartsWith(run.Log, StringComparison.Ordinal))
            {
                IsClean(File.ReadAllText(file), file);
            }
        }

        Assert.All(run.Record.Files, file => Assert.False(Directory.Exists(Path.GetDirectoryName(file.Path))));
    }
}
