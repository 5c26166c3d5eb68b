using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>Makes a budget that runs and sessions share, or opens one that is kept in a file.</summary>
/// <example>
///   <code>$budget = New-AmpBudget -TokenLimit 500000; 'a', 'b' | Invoke-AmpAgent -Budget $budget</code>
/// </example>
[Cmdlet(VerbsCommon.New, "AmpBudget", SupportsShouldProcess = true)]
[OutputType(typeof(AmpBudget))]
public sealed class NewAmpBudgetCommand : AmpCmdlet
{
    /// <summary>How many tokens may be used.</summary>
    [Parameter]
    [Limit]
    public long? TokenLimit { get; set; }

    /// <summary>How many turns of the agent may be taken.</summary>
    [Parameter]
    [Limit]
    public int? TurnLimit { get; set; }

    /// <summary>How many tools may be called.</summary>
    [Parameter]
    [Limit]
    public int? ToolUseLimit { get; set; }

    /// <summary>How many US dollars may be spent, where the CLI tells it.</summary>
    [Parameter]
    [Limit]
    public decimal? CostLimit { get; set; }

    /// <summary>The file that the budget is kept in, for several processes; one that is there is opened, and its counts go on.</summary>
    [Parameter]
    [Alias("PSPath", "LP")]
    public string? LiteralPath { get; set; }

    /// <summary>Replaces the limits in the file. The counts are kept.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Force && LiteralPath is null)
        {
            Refuse("-Force replaces the limits of a budget file, but no file is given.", nameof(Force), "Add -LiteralPath, or omit -Force.");
        }

        string? path = LiteralPath is null ? null : OrThrow(() => ResolveFilePath(LiteralPath, nameof(LiteralPath)));
        if (path is not null && !ShouldProcess(path, "Keep a budget in this file"))
        {
            return;
        }

        AmpBudget budget = OrThrow(() => path is null
            ? new AmpBudget(TokenLimit, TurnLimit, ToolUseLimit, CostLimit)
            : AmpBudget.Open(path, TokenLimit, TurnLimit, ToolUseLimit, CostLimit, replacesLimits: Force));
        RunspaceState.Current.Budgets.Add(budget);
        WriteObject(budget);
    }
}
