using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Gets the budgets that <c>New-AmpBudget</c> created or opened in this PowerShell session, or those in files. <c>IsReached</c> is true if
/// a limit is reached, if usage is unknown (<c>HasUnknownUsage</c>), or if the file can no longer be used.
/// </summary>
/// <example>
///   <code>Get-AmpBudget | Format-List</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpBudget")]
[OutputType(typeof(AmpBudget))]
public sealed class GetAmpBudgetCommand : AmpCmdlet
{
    /// <summary>The budget files. By default, the budgets that were created or opened in this PowerShell session.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (HasPipedNull(nameof(LiteralPath)))
        {
            return;
        }

        if (LiteralPath is null)
        {
            WriteObject(RunspaceState.Current.Budgets.All, enumerateCollection: true);
            return;
        }

        foreach (string path in LiteralPath)
        {
            if (TryWork(() => AmpBudget.Open(ResolveFilePath(path, nameof(LiteralPath))), out AmpBudget? budget))
            {
                WriteObject(budget);
            }
        }
    }
}
