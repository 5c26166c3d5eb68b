using Amp.Cli;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Cli;

/// <summary>Asking a program whether it is the Amp CLI and what it can do.</summary>
public sealed class ProbeTests
{
    [Fact]
    public async Task A_CLI_tells_its_version_its_date_and_what_it_can_do()
    {
        using FakeRun run = new(new FakeCliScript().Version("0.0.1790142911-g7618fb (released 2026-09-23T05:55:11.000Z, 1mo ago)").Help("2026-09-23"));
        AmpCli cli = await run.AskAsync();
        Assert.Equal("0.0.1790142911-g7618fb", cli.Version);
        Assert.Equal(new DateTimeOffset(2026, 9, 23, 5, 55, 11, TimeSpan.Zero), cli.ReleaseDate);
        Assert.Equal((RepositoryLayout.FakeCli, CliForm.Native, CliSource.Explicit), (cli.Path, cli.Form, cli.Source));
        Assert.True(cli.Capabilities.HasOption("--no-archive-after-execute"));
        Assert.Equal(["Help", "Version"], FakeCliRecord.ReadAll(run.Log).Select(record => record.Kind).Order());
        Assert.All(FakeCliRecord.ReadAll(run.Log), record => Assert.Equal(run.Project, record.WorkingDirectory));
    }

    [Fact]
    public async Task A_program_that_has_not_told_what_it_is_gets_no_secret()
    {
        const string Tell = "env > \"$0.$1\"; echo 1.0";
        using ShellCli cli = new("exit 1", Tell, Tell);
        cli.Options = cli.Options with
        {
            Environment = new Dictionary<string, string?>(cli.Options.Environment!) { ["AMP_API_KEY"] = "CANARY1", ["MY_TOKEN"] = "CANARY2", ["OTHER"] = "shown" },
        };

        await Assert.ThrowsAsync<AmpCliNotFoundException>(cli.AskAsync);

        string told = await File.ReadAllTextAsync(cli.Path + ".--version", TestContext.Current.CancellationToken);
        Assert.Contains("OTHER=shown", told, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CLI_is_asked_once()
    {
        using FakeRun run = new(new FakeCliScript().Version("0.0.1774310664-gcb98ac"));
        AmpCli first = await run.AskAsync();
        Assert.Same(first, await run.AskAsync());
        Assert.Equal(2, FakeCliRecord.ReadAll(run.Log).Count);
    }

    [Theory]
    [InlineData("amp 1.4.0")]
    [InlineData("1.4.0")]
    [InlineData("v0.0.1774310664-gcb98ac")]
    [InlineData("0.0.12-dev")]
    [InlineData("")]
    public async Task Another_program_of_the_same_name_is_told_at_once(string version)
    {
        // Asked for help, it waits for ever; nobody waits for that.
        using ShellCli cli = new("exit 1", $"echo '{version}'", "sleep 2400");
        AmpCliNotFoundException error = await Assert.ThrowsAsync<AmpCliNotFoundException>(cli.AskAsync);
        Assert.Contains($"'--version' with '{version}'", error.Message, StringComparison.Ordinal);
        Assert.Equal((AmpErrorId.CliNotFound, cli.Path), (error.ErrorId, error.Path));
    }

    [Fact]
    public async Task A_program_that_fails_when_asked_is_told_by_its_words()
    {
        using ShellCli cli = new("exit 1", "echo 'no such flag' >&2; exit 64", "exit 64");
        AmpCliNotFoundException error = await Assert.ThrowsAsync<AmpCliNotFoundException>(cli.AskAsync);
        Assert.Contains("'no such flag' (exit code 64)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version")]
    [InlineData("help")]
    [InlineData("version", "help")]
    public async Task A_program_that_does_not_answer_is_ended_at_the_limit(params string[] calls)
    {
        using FakeRun run = new(new FakeCliScript().HangOn(calls));
        AmpCliNotFoundException error = await Assert.ThrowsAsync<AmpCliNotFoundException>(() => run.AskAsync(FakeRun.ShortLimit));
        Assert.IsType<AmpTimeoutException>(error.InnerException);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task The_limit_is_set_by_a_variable_and_its_error_names_it()
    {
        using FakeRun run = new(new FakeCliScript().HangOn("version"));
        run.Options = run.Options with { Environment = new Dictionary<string, string?>(run.Options.Environment!) { ["AMP_PROBE_TIMEOUT_SEC"] = "0.5" } };
        AmpCliNotFoundException error = await Assert.ThrowsAsync<AmpCliNotFoundException>(() => run.AskAsync());
        Assert.Equal(TimeSpan.FromSeconds(0.5), Assert.IsType<AmpTimeoutException>(error.InnerException).Limit);
        Assert.Contains("AMP_PROBE_TIMEOUT_SEC", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1e9")]
    [InlineData("100000")]
    public async Task A_limit_that_is_no_number_of_seconds_is_told_before_anything_is_started(string value)
    {
        using FakeRun run = new();
        run.Options = run.Options with { Environment = new Dictionary<string, string?>(run.Options.Environment!) { ["AMP_PROBE_TIMEOUT_SEC"] = value } };
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(() => run.AskAsync());
        Assert.Contains($"'{value}'", error.Message, StringComparison.Ordinal);
        Assert.Empty(FakeCliRecord.ReadAll(run.Log));
    }

    [Fact]
    public async Task A_program_that_writes_for_ever_when_asked_is_ended_at_the_limit()
    {
        using ShellCli cli = new("exit 1", "yes", "yes");
        await Assert.ThrowsAsync<AmpCliNotFoundException>(() => cli.AskAsync(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task What_an_answer_has_left_running_does_not_hold_it_up()
    {
        using ShellCli cli = new("exit 1", "sleep 2400 & echo 0.0.1774310664-gcb98ac");
        AmpCli found = await cli.AskAsync(FakeRun.HangLimit / 2);
        Assert.Equal("0.0.1774310664-gcb98ac", found.Version);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1774310664), found.ReleaseDate);
    }

    [Fact]
    public async Task A_file_that_is_no_program_says_why_it_cannot_be_started()
    {
        using FakeRun run = new();
        string garbage = run.Mark("garbage");
        await File.WriteAllBytesAsync(garbage, [0, 1, 2, 3], TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(garbage, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        run.Options = run.Options with { CliPath = garbage };
        AmpCliNotFoundException error = (await run.RunAsync()).Failed<AmpCliNotFoundException>(AmpErrorId.CliNotFound);
        Assert.Equal(garbage, error.Path);
        Assert.Contains("cannot be started", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_help_that_failed_is_asked_for_again()
    {
        using ShellCli cli = new("exit 1", help: "[ -e \"$HOME/asked\" ] && echo '  --no-ide' || { touch \"$HOME/asked\"; exit 1; }");
        Assert.Empty((await cli.AskAsync()).Capabilities.Options);
        Assert.Equal(["--no-ide"], (await cli.AskAsync()).Capabilities.Options);
    }

    [Fact]
    public async Task A_help_that_says_nothing_is_not_kept_for_other_processes()
    {
        using FakeRun run = new();
        await File.WriteAllTextAsync(run.Mark("empty"), "", TestContext.Current.CancellationToken);
        run.Set(("AMP_FAKE_HELP", run.Mark("empty")), ("XDG_CACHE_HOME", run.Mark("cache")));
        Assert.Empty((await run.AskAsync()).Capabilities.Options);
        Assert.False(Directory.Exists(run.Mark("cache")));
    }

    [Fact]
    public async Task A_wrapper_of_the_user_is_not_kept_for_other_processes()
    {
        using ShellCli cli = new("exit 1");
        Assert.Equal(CliForm.Script, (await cli.AskAsync()).Form);
        Assert.False(Directory.Exists(cli.PathOf(".cache")));
    }

    [Fact]
    public async Task What_another_process_has_learned_is_used()
    {
        using FakeRun run = new();
        run.Set(("XDG_CACHE_HOME", run.Mark("cache")));
        RunPlan preview = AmpClient.Preview("hi", run.Options);
        Assert.Null(preview.Cli);
        CliProbeCache.Write(
            CliFingerprint.Of(preview.Program, new Dictionary<string, string> { ["XDG_CACHE_HOME"] = run.Mark("cache") }),
            new CliProbeAnswer("0.0.1700000000-gabc", "  --no-ide\n"));

        AmpCli cli = await run.AskAsync();

        Assert.Equal(("0.0.1700000000-gabc", "--no-ide"), (cli.Version, Assert.Single(cli.Capabilities.Options)));
        Assert.False(Directory.Exists(run.Log));
        Assert.Same(cli, AmpClient.Preview("hi", run.Options).Cli);
    }

    [Fact]
    public async Task A_preview_is_completed_when_it_is_run()
    {
        using FakeRun run = new(new FakeCliScript().Version("0.0.1767830505-ga62310").Help("2026-01-08"));
        RunPlan preview = AmpClient.Preview("hi", run.Options with { EnabledTools = ["Read"] });
        Assert.Null(preview.Cli);
        RunOutcome outcome = await RunOutcome.OfAsync(Task.FromResult(preview), "hi", TestContext.Current.CancellationToken);
        Assert.Equal(nameof(AmpOptions.EnabledTools), outcome.Failed<AmpValidationException>(AmpErrorId.UnsupportedByCli).OptionName);
        Assert.DoesNotContain(FakeCliRecord.ReadAll(run.Log), record => record.Kind == "Run");
    }

    [Fact]
    public async Task The_limits_of_a_preview_apply_to_all_its_tries_together()
    {
        using FakeRun run = new(new FakeCliScript().Version("0.0.1774310664-gcb98ac").Init().Read().Assistant("half").ErrorResult("529 overloaded_error: Overloaded, try again in 1 ms"));
        RunPlan preview = AmpClient.Preview("hi", run.Options with { RetryLimit = 1, TurnLimit = 1 });
        Assert.Null(preview.Cli);
        RunOutcome outcome = await RunOutcome.OfAsync(Task.FromResult(preview), "hi", TestContext.Current.CancellationToken);
        outcome.Failed<AmpBudgetException>(AmpErrorId.BudgetReached);
        Assert.Single(outcome.Events, item => item.Kind == AmpEventKind.Started);
    }

    [Fact]
    public async Task A_CLI_planted_in_the_project_never_runs()
    {
        using ShellCli good = new("printf '{\"type\":\"result\",\"result\":\"good\"}\\n'");
        string project = good.Options.WorkingDirectory!;
        string evil = Path.Combine(project, "amp");
        await File.WriteAllTextAsync(evil, $"#!/bin/sh\ntouch '{good.PathOf("evil-ran")}'\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(evil, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        Dictionary<string, string?> environment = new(good.Options.Environment!)
        {
            ["PATH"] = $".::{project}:{Path.GetDirectoryName(good.Path)}:/usr/bin:/bin",
        };
        good.Options = good.Options with { CliPath = null, Environment = environment };
        (await good.RunAsync()).Succeeded("good");
        Assert.False(File.Exists(good.PathOf("evil-ran")));
    }
}
