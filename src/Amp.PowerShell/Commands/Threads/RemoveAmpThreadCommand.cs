using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>Deletes threads for good, here and on the service.</summary>
/// <example>
///   <code>Get-AmpThread | Where-Object MessageCount -eq 0 | Remove-AmpThread -Confirm:$false</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "AmpThread", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveAmpThreadCommand : ThreadCmdlet
{
    /// <summary>The title of a piped thread, for the question whether it is to be deleted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    public string? Title { get; set; }

    /// <inheritdoc/>
    protected override string? GivenTitle => Title;

    /// <inheritdoc/>
    protected override void ProcessThread(string id, string? title)
    {
        if (ShouldProcess(NameOf(id, title), "Delete for good") && TryFor(token => Client.DeleteAsync(id, token), id))
        {
            RunspaceState.Current.Seen.ForgetThread(id);
        }
    }
}
