using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ends;

/// <summary>Runs beside and after each other. Alone, since it counts what the whole process holds.</summary>
[Collection(nameof(Alone))]
public sealed class ManyRunsTests
{
    [Fact]
    public async Task Two_runs_at_once_do_not_mix()
    {
        using FakeRun first = new();
        using FakeRun second = new();
        first.Follow(Waiting(first, second, "first"));
        second.Follow(Waiting(second, first, "second"));
        RunOutcome[] outcomes = await Task.WhenAll(first.RunAsync("to the first"), second.RunAsync("to the second"));
        outcomes[0].Succeeded("first");
        outcomes[1].Succeeded("second");
        Assert.Single(outcomes[0].Messages.Select(message => message.SessionId).Distinct());
        Assert.NotEqual(outcomes[0].Messages[0].SessionId, outcomes[1].Messages[0].SessionId);
        Assert.Equal("to the first", first.Record.StandardInput.Text);
        Assert.Equal("to the second", second.Record.StandardInput.Text);

        static FakeCliScript Waiting(FakeRun own, FakeRun other, string name) => new FakeCliScript()
            .Read().Init().Mark(own.Mark("here")).WaitFor(other.Mark("here")).Assistant(name).Result(name);
    }

    [Fact]
    public async Task Ending_one_run_leaves_another_one_alone()
    {
        using FakeRun stays = new();
        stays.Follow(new FakeCliScript().SpawnChild("setsid-quiet").Init().WaitFor(stays.Mark("go")).Result("done"));
        Task<RunOutcome> staying = stays.RunAsync();
        using FakeRun goes = new(new FakeCliScript().SpawnChild("setsid-quiet").Init().Hang());
        await foreach (StreamMessage _ in goes.ExecuteAsync())
        {
            break;
        }

        goes.NothingIsLeft();
        await FakeRun.WaitForAsync(() => stays.Processes().Count > 1, "the run that stays");
        Assert.All(stays.Record.ChildProcessIds, id => Assert.True(ProcessProbe.IsRunning(id)));
        await File.WriteAllTextAsync(stays.Mark("go"), "", TestContext.Current.CancellationToken);
        (await staying).Succeeded("done");
        stays.NothingIsLeft();
    }

    [Fact]
    public async Task Thirty_two_runs_at_once_all_come_to_their_own_end()
    {
        List<FakeRun> runs = [.. Enumerable.Range(0, 32).Select(_ => new FakeRun(new FakeCliScript().Echo()))];
        RunOutcome[] outcomes = await Task.WhenAll(runs.Select((run, i) => run.RunAsync($"prompt {i}")));
        Assert.All(Enumerable.Range(0, 32), i => outcomes[i].Succeeded($"Echo: prompt {i}"));
        Assert.All(runs, run => run.NothingIsLeft());
        runs.ForEach(run => run.Dispose());
    }

    [Fact]
    public async Task Thirty_runs_leave_no_file_no_handle_and_no_process()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Counts the entries of /proc/self/fd.");
        }

        using PrivateHome home = new();
        string? temporary = Environment.GetEnvironmentVariable("TMPDIR");
        Environment.SetEnvironmentVariable("TMPDIR", home.Project);
        try
        {
            await OneAsync(0);
            int handles = Handles();
            for (int i = 0; i < 30; i++)
            {
                await OneAsync(i);
            }

            // No collection before: what only the garbage collector lets go of is held for who knows how long.
            Assert.InRange(Handles(), 0, handles + 5);
            Assert.Empty(Directory.EnumerateFileSystemEntries(home.Project));
        }
        finally
        {
            Environment.SetEnvironmentVariable("TMPDIR", temporary);
        }

        static async Task OneAsync(int number)
        {
            using FakeRun run = new(number % 3 == 0 ? new FakeCliScript().Init().Exit(1) : new FakeCliScript().Init().Result("done"));
            await run.RunAsync();
            run.NothingIsLeft();
            Assert.Empty(Directory.EnumerateFileSystemEntries(run.Project));
        }

        static int Handles() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
    }
}

/// <summary>Tests that run while no other does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
