using Amp.Sdk.Tests.Support;
using Amp.Testing;
using Amp.Verification;

namespace Amp.Sdk.Tests.Verification;

/// <summary>Work that the caller verifies, done by the real CLIs.</summary>
public sealed class VerifyTests
{
    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_does_not_pass_is_told_to_the_agent_and_the_third_try_passes(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build, """{"rules":[{"answer":"I have done ${prompt}"}]}""");
        List<VerificationRequest> asked = [];
        run.Options = run.Options with
        {
            Verify = (request, _) =>
            {
                asked.Add(request);
                return Task.FromResult(new AmpVerification(request.Attempt == 3, $"test {request.Attempt} sgamp_user_canary"));
            },
        };
        RunOutcome outcome = await run.RunAsync("the work");
        ResultMessage result = outcome.Finished();
        Assert.Equal(ResultOutcome.Succeeded, result.Outcome);
        Assert.Equal([1, 2, 3], asked.Select(request => request.Attempt));
        Assert.StartsWith("I have done the work", asked[0].Answer, StringComparison.Ordinal);
        Assert.Contains("test 2", asked[2].Answer, StringComparison.Ordinal);
        Assert.Equal([false, false, true], result.Verifications.Select(verification => verification.Passed));
        Assert.Single(run.Service.Threads);
        Assert.Single(outcome.Messages.OfType<ResultMessage>());
        Assert.All(run.Service.Requests, request => Assert.DoesNotContain("sgamp_user_canary", request.RawJson, StringComparison.Ordinal));
        Assert.All(result.Verifications, verification => Assert.DoesNotContain("sgamp_user_canary", verification.Text, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_never_passes_is_an_error(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        run.Options = run.Options with { VerifyLimit = 2, Verify = (_, _) => throw new InvalidOperationException("It is red.") };
        RunOutcome outcome = await run.RunAsync("the work");
        AmpVerificationException error = outcome.Failed<AmpVerificationException>(AmpErrorId.VerificationFailed);
        Assert.Equal(ResultOutcome.NotVerified, outcome.Result!.Outcome);
        Assert.Equal(2, error.Verifications.Count);
        Assert.Contains("It is red.", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, run.Service.Requests.Count);
    }

    [Fact]
    public async Task A_protected_file_that_was_changed_does_not_pass_until_it_is_restored()
    {
        await using RealRun run = await RealRun.StartAsync(RealCliBuild.March2026, """
            {"rules":[
              {"when":{"turn":1,"step":0,"prompt":"must not be changed"},"answer":{"blocks":[{"tool":"shell","input":{"command":"rm tests/b && echo good > tests/a"}}]}},
              {"when":{"turn":0,"step":0},"answer":{"blocks":[{"tool":"shell","input":{"command":"echo bad > tests/a && touch tests/b"}}]}},
              {"answer":"Done."}
            ]}
            """);
        Directory.CreateDirectory(Path.Combine(run.Project, "tests"));
        string file = Path.Combine(run.Project, "tests", "a");
        await File.WriteAllTextAsync(file, "good\n", TestContext.Current.CancellationToken);
        run.Options = run.Options with { DangerouslyAllowAll = true, Verify = (_, _) => Task.FromResult(new AmpVerification(true)), VerifyPaths = [Path.Combine(run.Project, "tests")] };
        ResultMessage result = (await run.RunAsync("the work")).Finished();
        Assert.Equal([file, Path.Combine(run.Project, "tests", "b")], result.Verifications[0].ChangedFiles);
        Assert.Empty(result.Verifications[1].ChangedFiles);
        Assert.Equal(ResultOutcome.Succeeded, result.Outcome);
    }

    [Fact]
    public async Task What_the_verification_writes_itself_is_no_change_of_the_agent_unless_the_agent_changes_it()
    {
        using FakeRun run = new(new FakeCliScript()
            .Init().Turn().ReadLine().Write("${CWD}/tests/cache", "by the agent").Assistant("again")
            .ReadLine().Remove("${CWD}/tests/cache").Assistant("again").Turn().Read().Result("done"));
        string tests = Directory.CreateDirectory(Path.Combine(run.Project, "tests")).FullName;
        string cache = Path.Combine(tests, "cache");
        await File.WriteAllTextAsync(Path.Combine(tests, "a"), "good", TestContext.Current.CancellationToken);
        run.Options = run.Options with
        {
            VerifyLimit = 4,
            VerifyPaths = [tests],
            Verify = async (request, token) =>
            {
                await File.WriteAllTextAsync(cache, $"{request.Attempt}", token);
                return new AmpVerification(request.Attempt != 1 && request.Attempt != 3);
            },
        };
        ResultMessage result = (await run.RunAsync()).Finished();
        Assert.Equal([0, 1, 0, 0], result.Verifications.Select(verification => verification.ChangedFiles.Count));
        Assert.Equal(cache, result.Verifications[1].ChangedFiles[0]);
        Assert.Equal([false, false, false, true], result.Verifications.Select(verification => verification.Passed));
        Assert.Equal(ResultOutcome.Succeeded, result.Outcome);
    }

    [Fact]
    public async Task A_protected_file_that_changes_during_the_verification_and_a_file_of_the_agent_do_not_pass()
    {
        using FakeRun run = new(new FakeCliScript().Init().Write("${CWD}/tests/b", "by the agent").Turn().Turn().Read().Result("done"));
        string tests = Directory.CreateDirectory(Path.Combine(run.Project, "tests")).FullName;
        string[] files = [Path.Combine(tests, "a"), Path.Combine(tests, "b")];
        await File.WriteAllTextAsync(files[0], "good", TestContext.Current.CancellationToken);
        run.Options = run.Options with
        {
            VerifyLimit = 2,
            VerifyPaths = [tests],
            Verify = async (request, token) =>
            {
                // The second one changes the file of the agent too, which does not make it its own.
                await File.AppendAllTextAsync(files[request.Attempt - 1], "bad", token);
                return new AmpVerification(true);
            },
        };
        AmpVerificationException error = (await run.RunAsync()).Failed<AmpVerificationException>(AmpErrorId.VerificationFailed);
        Assert.All(error.Verifications, verification => Assert.Equal(files, verification.ChangedFiles));
    }

    [Fact]
    public async Task What_a_link_leads_to_is_protected_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links require a right of the user there.");
        using FakeRun run = new(new FakeCliScript().Init().Write("${CWD}/shared/a", "bad").Write("${CWD}/run.sh", "bad").Turn().Turn().Read().Result("done"));
        foreach (string name in (string[])["shared/a", "scripts/b", "run.sh"])
        {
            string file = Path.Combine(run.Project, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, "good", TestContext.Current.CancellationToken);
        }

        string tests = Path.Combine(run.Project, "tests");
        string scripts = Path.Combine(run.Project, "scripts");
        Directory.CreateSymbolicLink(tests, "shared");
        Directory.CreateSymbolicLink(Path.Combine(scripts, "data"), "../shared");
        File.CreateSymbolicLink(Path.Combine(scripts, "run.sh"), "../run.sh");
        File.CreateSymbolicLink(Path.Combine(scripts, "nothing"), "../nothing");
        run.Options = run.Options with { VerifyLimit = 2, VerifyPaths = [tests, scripts], Verify = (_, _) => Task.FromResult(new AmpVerification(true)) };
        AmpVerificationException error = (await run.RunAsync()).Failed<AmpVerificationException>(AmpErrorId.VerificationFailed);
        string[] changed = [Path.Combine(scripts, "data", "a"), Path.Combine(scripts, "run.sh"), Path.Combine(tests, "a")];
        Assert.All(error.Verifications, verification => Assert.Equal(changed, verification.ChangedFiles));
    }

    [Fact]
    public void Another_target_of_a_link_on_the_way_is_a_change()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links require a right of the user there.");
        using FakeRun run = new();
        foreach (string name in (string[])["good", "bad"])
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(run.Project, name)).FullName, "a"), name);
        }

        string tests = Path.Combine(run.Project, "tests");
        string middle = Path.Combine(run.Project, "middle");
        Directory.CreateSymbolicLink(middle, "good");
        Directory.CreateSymbolicLink(tests, "middle");
        ProtectedFiles files = ProtectedFiles.Of([tests + Path.DirectorySeparatorChar]);
        Assert.Empty(files.Changed());
        File.Delete(middle);
        Directory.CreateSymbolicLink(middle, "bad");
        Assert.Equal([Path.Combine(tests, "a")], files.Changed());
    }

    [Fact]
    public async Task A_relative_path_is_that_of_the_plan()
    {
        using FakeRun run = new();
        run.Options = run.Options with { Verify = (_, _) => Task.FromResult(new AmpVerification(true)), VerifyPaths = ["tests"] };
        Assert.Equal([Path.GetFullPath("tests")], (await run.PlanAsync()).Given.VerifyPaths!);
    }

    [Fact]
    public async Task A_verification_that_hangs_ends_the_run()
    {
        await using RealRun run = await RealRun.StartAsync();
        bool isCancelled = false;
        run.Options = run.Options with
        {
            VerifyTimeout = TimeSpan.FromMilliseconds(500),
            IdleTimeout = TimeSpan.FromSeconds(60),
            Verify = async (_, token) =>
            {
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                }
                finally
                {
                    isCancelled = true;
                }

                return new AmpVerification(true);
            },
        };
        AmpVerificationException error = (await run.RunAsync("the work")).Failed<AmpVerificationException>(AmpErrorId.VerificationFailed);
        Assert.True(Assert.Single(error.Verifications).IsTimedOut);
        Assert.True(isCancelled);
    }

    // A CLI may take the end of its input for the end of the work, and return a good result.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_limit_of_the_run_ends_a_verification_too(bool endsWell)
    {
        using FakeRun run = new();
        run.Follow(endsWell ? new FakeCliScript().IgnoreSignals("INT", "TERM").Init().Turns() : new FakeCliScript().EndPolitely().Init().Turn().Hang());
        TaskCompletionSource gone = new();
        run.Options = run.Options with
        {
            Timeout = FakeRun.ShortLimit,
            CancellationGracePeriod = FakeRun.HangLimit,
            Verify = async (_, token) =>
            {
                using CancellationTokenRegistration registration = token.Register(gone.SetResult);
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return new AmpVerification(true);
            },
        };
        Task<RunOutcome> running = run.RunAsync();
        await Task.WhenAny(gone.Task, running);
        Assert.True(gone.Task.IsCompleted, "The run has ended, and its verification was not canceled.");
        RunOutcome outcome = await running;
        outcome.Failed<AmpTimeoutException>(AmpErrorId.Timeout);
        Assert.Equal(ResultOutcome.TimedOut, outcome.Result!.Outcome);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task What_is_to_be_protected_has_to_be_there()
    {
        using FakeRun run = new(new FakeCliScript().Read().Init().Result("done").Exit(0));
        run.Options = run.Options with { Verify = (_, _) => Task.FromResult(new AmpVerification(true)), VerifyPaths = ["/not/there"] };
        AmpValidationException error = (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption);
        Assert.Equal(nameof(AmpOptions.VerifyPaths), error.OptionName);
        await Assert.ThrowsAsync<AmpValidationException>(() => AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken));
    }
}
