using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Amp.PowerShell.Tests.Support;
using Amp.Testing;

namespace Amp.PowerShell.Tests.Runspaces;

/// <summary>A pipeline that its owner stops, at each point of a run.</summary>
public sealed class StopTests
{
    [Theory]
    [InlineData("Invoke-AmpAgent go @call")]
    [InlineData("Invoke-AmpAgent go @call | ForEach-Object { $_ }")]
    [InlineData("$all = Invoke-AmpAgent go @call; $all")]
    [InlineData("Invoke-AmpAgent go @call -ResultOnly")]
    [InlineData("$session = New-AmpSession @call; Send-AmpMessage $session go")]
    [InlineData("1 | ForEach-Object -Parallel { Import-Module $using:value; $call = $using:call; Invoke-AmpAgent go @call }")]
    public async Task It_ends_the_whole_tree_and_says_nothing(string script)
    {
        using Place place = new();
        string running = place.File("running");
        place.Follow(new FakeCliScript().SpawnChild("stubborn", "a").IgnoreSignals("TERM", "INT", "HUP").Init()
            .Out(FakeMessages.ToolUse("Bash", """{"cmd":"make"}""")).Mark(running).Hang());

        using Runspace runspace = Hosted.Open();
        using System.Management.Automation.PowerShell shell = Hosted.Script(runspace, script, place, Hosted.Manifest);
        Task<PSDataCollection<PSObject>> run = shell.InvokeAsync();
        Assert.True(await Eventually.IsTrueAsync(() => File.Exists(running) || run.IsCompleted, Hosted.HangLimit), "the CLI runs");
        Assert.False(run.IsCompleted);

        await Task.Run(shell.Stop, CancellationToken.None).OrHangAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => run);
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Empty(shell.Streams.Error);
        Assert.NotEmpty(Assert.Single(place.Runs).Children);
        runspace.Close();
        await place.AllGoneAsync();
    }

    [Fact]
    public async Task The_session_works_on_afterwards()
    {
        using Place place = new();
        string running = place.File("running");
        using Runspace runspace = Hosted.Open();
        place.Follow(new FakeCliScript().OnStart(1, first => first.Init().Mark(running).Hang()).Echo());

        using (System.Management.Automation.PowerShell stopped = Hosted.Script(runspace, "Invoke-AmpAgent one @call", place))
        {
            Task run = stopped.InvokeAsync();
            Assert.True(await Eventually.IsTrueAsync(() => File.Exists(running), Hosted.HangLimit), "the CLI runs");
            await Task.Run(stopped.Stop, CancellationToken.None).OrHangAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => run);
        }

        using System.Management.Automation.PowerShell next = Hosted.Script(runspace, "Invoke-AmpAgent two @call -ResultOnly", place);
        PSObject result = Assert.Single(await next.InvokeAsync().OrHangAsync());
        Assert.Equal("Echo: two", result.Property("Result"));
    }
}
