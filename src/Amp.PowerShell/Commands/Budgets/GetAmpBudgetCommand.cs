using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>Gets budgets: what is used of them, and what is left.</summary>
/// <example>
///   <code>Get-AmpBudget | Format-List</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpBudget")]
[OutputType(typeof(AmpBudget))]
public sealed class GetAmpBudgetCommand : AmpCmdlet
{
    /// <summary>The files of budgets; by default the budgets that were made or opened in this PowerShell session.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
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
