using Amp.Sdk.Tests.Support;
using Amp.Ssh;
using Amp.Testing;

namespace Amp.Sdk.Tests.Approval;

/// <summary>Runs whose agent removes the current directory of this process. Alone, since the directory is that of the process.</summary>
[Collection(nameof(Ends.Alone))]
public sealed class RemovedFolderTests
{
    [Fact]
    public async Task A_run_with_rules_ends_with_its_result()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The current directory of a process cannot be removed there.");
        using SettingsRun run = new();
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Reject)] };
        run.Run.Follow(new FakeCliScript().Init().Mark(run.Run.Mark("begun")).WaitFor(run.Run.Mark("go")).Result("done"));
        RunOutcome outcome = await WithoutFolderAsync(async remove =>
        {
            Task<RunOutcome> running = run.Run.RunAsync();
            await run.Run.MarkIsSetAsync("begun");
            remove();
            await File.WriteAllTextAsync(run.Run.Mark("go"), string.Empty, TestContext.Current.CancellationToken);
            return await running;
        });
        outcome.Succeeded("done");
    }

    [Fact]
    public async Task The_SSH_client_is_found()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The current directory of a process cannot be removed there.");
        Exception? error = await WithoutFolderAsync(remove =>
        {
            remove();
            return Task.FromResult(Record.Exception(() => { _ = SshArguments.Command(new SshTransport("host.invalid"), "/no/such/log", "true"); }));
        });

        // Not every machine has one.
        Assert.True(error is null or AmpCliNotFoundException, error?.ToString());
    }

    private static async Task<T> WithoutFolderAsync<T>(Func<Action, Task<T>> test)
    {
        string before = Environment.CurrentDirectory;
        string folder = Directory.CreateTempSubdirectory("amp-test-").FullName;
        try
        {
            Environment.CurrentDirectory = folder;
            return await test(() => Directory.Delete(folder));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }
}
