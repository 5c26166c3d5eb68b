using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ssh;

/// <summary>A run on another machine is like one on this machine, and leaves as little.</summary>
public sealed class SshRunTests
{
    private const string Secret = "sgamp_secret_of_a_test_over_ssh_0123456789";

    [Fact]
    public async Task A_run_gets_its_prompt_its_variables_and_its_folder_there()
    {
        using SshHost host = new();
        using FakeRun run = On(host, new FakeCliScript().Echo());
        run.Set(("WITH_QUOTES", "it's \"$HOME\"\n`x`"));
        RunOutcome outcome = await run.RunAsync("Say 'hello' äöü");
        outcome.Succeeded("Echo: Say 'hello' äöü");
        FakeCliRecord record = run.Record;
        Assert.Equal((run.Project, "it's \"$HOME\"\n`x`"), (record.WorkingDirectory, record.Environment["WITH_QUOTES"]));
        Assert.Contains("--stream-json", record.Arguments);
        RunStart start = outcome.Events.First(item => item.Start is not null).Start!;
        Assert.Equal((RepositoryLayout.FakeCli, true), (start.CliPath, start.CliVersion?.StartsWith("0.0.", StringComparison.Ordinal)));
        Assert.DoesNotContain("AMP_API_KEY", record.Environment.Keys);
        Assert.True(host.IsClean);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_prompt_of_megabytes_arrives_whole_and_so_does_its_answer()
    {
        using SshHost host = new();
        using FakeRun run = On(host, new FakeCliScript().Init().Read().Line(3 * 1024 * 1024).Error("to stderr").Result("done"));
        string prompt = string.Concat(Enumerable.Range(0, 200_000).Select(number => $"{number} ä\n"));
        RunOutcome outcome = await run.RunAsync(prompt);
        outcome.Succeeded("done");
        Assert.Contains(outcome.Messages.OfType<AssistantMessage>(), message => message.Text.Length >= 3 * 1024 * 1024);
        Assert.Equal("to stderr", Assert.Single(outcome.Texts(AmpEventKind.StandardError)));
        Assert.True(run.Record.StandardInput is { ReachedEnd: true, ByteCount: long count } && count > System.Text.Encoding.UTF8.GetByteCount(prompt));
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task A_key_is_in_the_variables_of_the_CLI_and_nowhere_else()
    {
        using SshHost host = new();
        using FakeRun run = On(host, new FakeCliScript());
        run.Follow(new FakeCliScript().Init().Mark(run.Mark("started")).WaitFor(run.Mark("go")).Result("done"));
        using System.Security.SecureString key = new();
        Secret.ToList().ForEach(key.AppendChar);
        run.Options = run.Options with { ApiKey = key, McpServers = [new McpStdioServer("one", "true", environment: new Dictionary<string, SecretText> { ["TOKEN"] = new SecretText(Secret) })] };
        Task<RunOutcome> running = run.RunAsync($"{Secret} is in the prompt");
        await run.MarkIsSetAsync("started");
        int cli = run.Record.ProcessId;
        Assert.Equal(Secret, run.Record.Environment["AMP_API_KEY"]);
        string[] visible = [.. Directory.GetDirectories("/proc").Select(folder => Path.GetFileName(folder)).Where(name => int.TryParse(name, out int id) && id != cli && id != Environment.ProcessId)];
        Assert.All(visible, id => Assert.DoesNotContain(Secret, Text($"/proc/{id}/cmdline"), StringComparison.Ordinal));
        Assert.All(visible, id => Assert.DoesNotContain(Secret, Text($"/proc/{id}/environ"), StringComparison.Ordinal));
        string folder = Assert.Single(Directory.GetDirectories(host.Temporary));
        Assert.Equal("700", SshHost.Run("stat", "-c", "%a", folder).Trim());
        Assert.All(Directory.GetFiles(folder), file => Assert.Equal("600", SshHost.Run("stat", "-c", "%a", file).Trim()));
        Assert.DoesNotContain(Directory.GetFiles(folder), file => Path.GetFileName(file) is "start" or "i1");
        await File.WriteAllTextAsync(run.Mark("go"), string.Empty, TestContext.Current.CancellationToken);
        (await running).Succeeded("done");
        Assert.True(host.IsClean);
        Assert.DoesNotContain(Secret, Text(host.File("sshd.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_canceled_run_writes_its_last_result_and_its_stubborn_children_are_gone()
    {
        using SshHost host = new();
        RunOutcome outcome = await CanceledAsync(
            host, new FakeCliScript().EndPolitely().Init().SpawnChild("stubborn").SpawnChild("setsid").SpawnChild("doublefork"), FakeRun.HangLimit);
        Assert.NotNull(outcome.Result);
    }

    [Fact]
    public async Task A_run_that_answers_no_signal_is_killed_there()
    {
        using SshHost host = new();
        await CanceledAsync(host, new FakeCliScript().IgnoreSignals("INT", "TERM", "HUP").Init());
    }

    [Fact]
    public async Task A_lost_connection_is_told_and_the_host_ends_the_run_by_itself()
    {
        using SshHost host = new();
        using FakeRun run = On(host, new FakeCliScript());
        run.Follow(new FakeCliScript().IgnoreSignals("INT", "TERM").Init().SpawnChild("stubborn").SpawnChild("setsid").Mark(run.Mark("started")).Hang());
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        host.KillConnections();
        AmpHostException error = (await running).Failed<AmpHostException>(AmpErrorId.HostConnectionLost);
        Assert.Equal(host.Address, error.HostName);
        Assert.NotNull(error.ThreadId);
        await FakeRun.WaitForAsync(() => host.IsClean && !run.Processes().Any(ProcessProbe.IsRunning), "the end of the run on the host");
    }

    [Fact]
    public async Task What_a_killed_script_has_left_is_ended_by_the_next_run()
    {
        using SshHost host = new();
        using FakeRun run = On(host, new FakeCliScript());
        run.Follow(new FakeCliScript().IgnoreSignals("INT", "TERM").Init().SpawnChild("setsid").Mark(run.Mark("started")).Hang());
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");

        // All at once: what a killed process has started is not found below it.
        foreach (int script in Descendants(host.ServerId).ToArray().Where(id => Text($"/proc/{id}/cmdline").Contains("eval \"$(dd", StringComparison.Ordinal)))
        {
            SshHost.Signal(script, "KILL");
        }

        host.KillConnections();
        (await running).Failed<AmpHostException>(AmpErrorId.HostConnectionLost);
        Assert.False(host.IsClean);
        Assert.Contains(run.Processes(), ProcessProbe.IsRunning);
        using FakeRun next = On(host, new FakeCliScript().Echo());
        (await next.RunAsync()).Finished();
        Assert.True(host.IsClean);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_noisy_profile_and_a_banner_change_nothing()
    {
        using SshHost host = new(lines: ["Banner /etc/os-release"]);
        await File.WriteAllTextAsync(Path.Combine(host.Home, ".bashrc"), "echo Welcome; printf 'no line end'; echo oops >&2; printf '{\"type\":\"result\"}\\n'\n", TestContext.Current.CancellationToken);
        using FakeRun run = On(host, new FakeCliScript().Init().Error("mine").Result("done"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal("mine", Assert.Single(outcome.Texts(AmpEventKind.StandardError)));
        Assert.Equal(["StandardError", "result", "system"], outcome.Kinds.Split(' ').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_signal_or_an_exit_code_of_the_CLI_is_that_of_the_run()
    {
        using SshHost host = new();
        using FakeRun run = On(host, new FakeCliScript().Init().Error("reason").Signal("KILL"));
        AmpProcessException error = (await run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.CliTerminated);
        Assert.Equal((null, "SIGKILL", "reason"), (error.ExitCode, error.Signal, error.StandardError));
        run.Follow(new FakeCliScript().Init().Exit(3));
        Assert.Equal(3, (await run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.CliFailed).ExitCode);
    }

    [Fact]
    public async Task The_CLI_is_found_in_a_home_folder_and_asked_once()
    {
        using SshHost host = new();
        string bin = Directory.CreateDirectory(Path.Combine(host.Home, ".local", "bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "amp"), RepositoryLayout.FakeCli);
        string log = host.File("asked");
        await File.WriteAllTextAsync(Path.Combine(host.Home, ".bashrc"), $"export AMP_FAKE_LOG={log}\n", TestContext.Current.CancellationToken);
        for (int i = 0; i < 2; i++)
        {
            AmpCli cli = await AmpClient.GetCliAsync(new CliOptions { Transport = host.Transport }, TestContext.Current.CancellationToken);
            Assert.Equal((Path.Combine(bin, "amp"), CliSource.HomeFolder), (cli.Path, cli.Source));
            Assert.Contains("--mode", cli.Options);
        }

        Assert.Equal("Help Version", string.Join(' ', FakeCliRecord.ReadAll(log).Select(record => record.Kind).Order()));
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task The_CLI_is_found_on_the_path_of_a_login_shell()
    {
        using SshHost host = new();
        string bin = Directory.CreateDirectory(Path.Combine(host.Home, "odd place")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "amp"), RepositoryLayout.FakeCli);
        await File.WriteAllTextAsync(Path.Combine(host.Home, ".bash_profile"), "echo hi; PATH=\"$HOME/odd place:$PATH\"\n", TestContext.Current.CancellationToken);
        AmpCli cli = await AmpClient.GetCliAsync(new CliOptions { Transport = host.Transport }, TestContext.Current.CancellationToken);
        Assert.Equal(Path.Combine(bin, "amp"), cli.Path);
    }

    [Fact]
    public async Task Settings_of_the_host_are_merged_with_those_of_the_call()
    {
        using SshHost host = new();
        using FakeRun run = On(host, new FakeCliScript().Echo());
        string settings = Path.Combine(run.Options.Environment!["XDG_CONFIG_HOME"]!, "amp", "settings.json");
        Directory.CreateDirectory(Path.GetDirectoryName(settings)!);
        await File.WriteAllTextAsync(settings, """{ "amp.url": "http://127.0.0.1:1/", "amp.permissions": [ { "tool": "Bash", "action": "reject" } ] }""", TestContext.Current.CancellationToken);
        run.Options = run.Options with { Permissions = [new AmpPermission("Read", PermissionAction.Allow)] };
        (await run.RunAsync()).Finished();
        string given = Assert.Single(run.Record.Files, file => file.Path.EndsWith("settings.json", StringComparison.Ordinal)).Content!;
        Assert.Contains("amp.url", given, StringComparison.Ordinal);
        Assert.True(given.IndexOf("Read", StringComparison.Ordinal) < given.IndexOf("Bash", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_works_over_one_connection()
    {
        using SshHost host = new();
        using FakeRun run = On(host, new FakeCliScript().Echo());
        await using (AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken))
        {
            foreach (string text in (string[])["one", "two"])
            {
                List<string> said = [];
                await foreach (StreamMessage message in session.SendAsync(text, TestContext.Current.CancellationToken))
                {
                    said.Add(message.Text);
                }

                Assert.Contains($"Echo: {text}", said);
            }
        }

        run.NothingIsLeft();
        Assert.True(host.IsClean);
    }

    // What the CLI there accepts is known only when it has been found.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_image_that_the_CLI_of_a_session_does_not_accept_is_refused_and_the_session_goes_on(bool isFirst)
    {
        using SshHost host = new();
        using FakeRun run = On(host, new FakeCliScript().EndPolitely().Init().Turns());
        await File.WriteAllTextAsync(
            Path.Combine(host.Home, ".bashrc"),
            "export AMP_FAKE_VERSION='0.0.1769425000-g1e5104 (released 2026-01-26T10:56:40.000Z, 10mo ago)'\n",
            TestContext.Current.CancellationToken);
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        if (!isFirst)
        {
            Assert.Equal("Echo: zero", await session.AnswerAsync("zero"));
        }

        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(async () =>
        {
            await foreach (StreamMessage _ in session.SendAsync(
                new UserInputMessage("look", [InputImage.FromBytes(TestImages.Pixel())]), TestContext.Current.CancellationToken))
            {
            }
        }).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Equal((nameof(AmpOptions.Images), AmpSessionState.Ready), (error.OptionName, session.State));
        Assert.Equal("Echo: text", await session.AnswerAsync("text"));
    }

    /// <summary>A run whose CLI is on the host. This machine and the host share the files of the test.</summary>
    internal static FakeRun On(SshHost host, FakeCliScript script, double every = 15)
    {
        FakeRun run = new(script);
        run.Options = run.Options with { Transport = host.With(every: every) };
        return run;
    }

    /// <summary>A run on the host that is canceled while its CLI works. Nothing of it is left.</summary>
    /// <param name="host">The host.</param>
    /// <param name="script">What the CLI does before that.</param>
    /// <param name="grace">How long a CLI that ends by itself may take for it; null for the default.</param>
    internal static async Task<RunOutcome> CanceledAsync(SshHost host, FakeCliScript script, TimeSpan? grace = null)
    {
        using FakeRun run = On(host, new FakeCliScript());
        run.Options = run.Options with { CancellationGracePeriod = grace ?? run.Options.CancellationGracePeriod };
        run.Follow(script.Mark(run.Mark("started")).Hang());
        using CancellationTokenSource stop = new();
        Task<RunOutcome> running = run.RunUntilAsync(stop.Token);
        await run.MarkIsSetAsync("started");
        await stop.CancelAsync();
        RunOutcome outcome = await running;
        Assert.IsType<AmpCanceledException>(outcome.Error);
        run.NothingIsLeft();
        Assert.True(host.IsClean);
        return outcome;
    }

    internal static IEnumerable<int> Descendants(int processId) =>
        SshHost.Children(processId).SelectMany(child => Descendants(child).Prepend(child));

    internal static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
