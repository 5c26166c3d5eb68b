using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Amp.PowerShell.Tests.Support;

namespace Amp.PowerShell.Tests.Runspaces;

/// <summary>A session that a policy restricts.</summary>
public sealed class ConstrainedLanguageTests
{
    [Theory]
    [InlineData("(Invoke-AmpAgent go @call -ResultOnly).Result")]
    [InlineData("Invoke-AmpAgent go @call | Where-Object Type -eq result | ForEach-Object Result")]
    [InlineData("$session = New-AmpSession @call; (Send-AmpMessage $session go)[-1].Text; Remove-AmpSession $session | Out-Null")]
    public async Task Runs_give_their_answer(string script)
    {
        using Place place = new(steps => steps.WithArgument("--stream-json-input", input => input.Turns()).WithoutArgument("--stream-json-input", once => once.Echo()));
        using Runspace runspace = Hosted.Open();
        runspace.SessionStateProxy.LanguageMode = PSLanguageMode.ConstrainedLanguage;
        using System.Management.Automation.PowerShell shell = Hosted.Script(runspace, script, place);
        PSDataCollection<PSObject> output = await shell.InvokeAsync().OrHangAsync();

        Assert.Empty(shell.Streams.Error);
        Assert.Equal("Echo: go", Assert.Single(output).BaseObject);
    }
}
