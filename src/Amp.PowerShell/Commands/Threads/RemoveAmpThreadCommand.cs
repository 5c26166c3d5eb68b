using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Deletes threads; this cannot be undone. You are prompted for each thread unless you use <c>-Confirm:$false</c>. To archive threads instead, use
/// <c>Set-AmpThread -Archived</c>.
/// </summary>
/// <example>
///   <code>Get-AmpThread | Where-Object MessageCount -eq 0 | Remove-AmpThread -Confirm:$false</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "AmpThread", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveAmpThreadCommand : ThreadCmdlet
{
    /// <summary>The title of a piped thread, for the confirmation prompt.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    public string? Title { get; set; }

    /// <inheritdoc/>
    protected override string? GivenTitle => Title;

    /// <inheritdoc/>
    protected override void ProcessThread(string id, string? title)
    {
        if (ShouldProcess(NameOf(id, title), "Delete permanently") && TryFor(token => Client.DeleteAsync(id, token), id))
        {
            RunspaceState.Current.Seen.ForgetThread(id);
        }
    }
}
