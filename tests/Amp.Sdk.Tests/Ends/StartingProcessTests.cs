using System.Diagnostics;
using System.Globalization;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ends;

/// <summary>Processes that leave the run in the moment in which it ends.</summary>
public sealed class StartingProcessTests
{
    // One alone: of several, the others keep the search going.
    [Fact]
    public async Task What_is_just_loading_its_program_when_the_CLI_ends_is_ended_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux can a process that has left its parent be found.");
        using ShellCli cli = new($$"""
            echo '{"type":"result","subtype":"success","is_error":false,"result":"done","session_id":"T-1"}'
            setsid sleep 2400 > /dev/null 2>&1 < /dev/null &
            echo $! > {{ShellCli.Folder}}/stranger
            """);
        for (int i = 0; i < 25; i++)
        {
            (await cli.RunAsync()).Succeeded("done");
            string stranger = await File.ReadAllTextAsync(cli.PathOf("stranger"), TestContext.Current.CancellationToken);
            Assert.False(ProcessProbe.IsRunning(int.Parse(stranger, CultureInfo.InvariantCulture)), $"The stranger of run {i} is left.");
        }
    }

    // It looks like one that is being loaded for as long as it runs.
    [Fact]
    public void Only_one_that_has_just_begun_may_be_loading_its_program()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There is no /proc.");
        using Process bare = Process.Start(new ProcessStartInfo("env", ["-i", "sleep", "2400"]))!;
        try
        {
            Assert.True(StartingProcess.MayBe(bare.Id));
        }
        finally
        {
            bare.Kill();
            bare.WaitForExit();
        }

        Assert.False(StartingProcess.MayBe(bare.Id));
    }
}
