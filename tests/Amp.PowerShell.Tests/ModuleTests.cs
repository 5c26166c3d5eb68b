using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Amp.PowerShell.Tests.Support;

namespace Amp.PowerShell.Tests;

/// <summary>The module in the process of another program.</summary>
public sealed class ModuleTests
{
    [Fact]
    public void Its_libraries_are_those_of_the_built_module()
    {
        using Runspace runspace = Hosted.Open();
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create();
        shell.Runspace = runspace;
        string path = (string)shell.AddScript("[Amp.AmpClient].Assembly.Location").Invoke()[0].BaseObject;

        Assert.StartsWith(Path.GetDirectoryName(Hosted.Manifest)!, path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Invoke-AmpAgent -Mo", "-Mode")]
    [InlineData("Invoke-AmpAgent -Time", "-TimeoutSec")]
    [InlineData("New-AmpPermission -Kind She", "Shell")]
    public void What_is_typed_is_completed(string typed, string expected)
    {
        using Runspace runspace = Hosted.Open();
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create();
        shell.Runspace = runspace;
        CommandCompletion completion = CommandCompletion.CompleteInput(typed, typed.Length, null, shell);

        Assert.Contains(completion.CompletionMatches, match => match.CompletionText == expected);
    }
}
