using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>Creates a budget that runs and sessions share.</summary>
/// <example>
///   <code>$budget = New-AmpBudget -TokenLimit 500000; 'a', 'b' | Invoke-AmpAgent -Budget $budget</code>
/// </example>
[Cmdlet(VerbsCommon.New, "AmpBudget", SupportsShouldProcess = true)]
[OutputType(typeof(AmpBudget))]
public sealed class NewAmpBudgetCommand : AmpCmdlet
{
    /// <summary>The maximum number of tokens: input, output, and cache reads and writes, including those of subagents.</summary>
    [Parameter]
    [Limit]
    public long? TokenLimit { get; set; }

    /// <summary>The maximum number of turns of the main agent. Each turn is one request to the model.</summary>
    [Parameter]
    [Limit]
    public int? TurnLimit { get; set; }

    /// <summary>The maximum number of tool calls by the agent and its subagents.</summary>
    [Parameter]
    [Limit]
    public int? ToolUseLimit { get; set; }

    /// <summary>
    /// The maximum cost in US dollars. No CLI of 2026 reports costs: a run with such a budget fails with the error <c>UnsupportedByCli</c> unless it uses
    /// <c>-AllowUnknownUsage</c>.
    /// </summary>
    [Parameter]
    [Limit]
    public decimal? CostLimit { get; set; }

    /// <summary>
    /// The file that stores the budget, so that several processes can share it. On Linux and macOS, only its owner can read it. An existing
    /// budget is opened, and its counts are kept. Omit the limits to use those in the file; if you give other ones, you get an error unless you
    /// use <c>-Force</c>.
    /// </summary>
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
            Refuse("-Force replaces the limits of a budget file, but no file was given.", nameof(Force), "Add -LiteralPath, or omit -Force.");
        }

        string? path = LiteralPath is null ? null : OrThrow(() => ResolveFilePath(LiteralPath, nameof(LiteralPath)));
        if (path is not null && !ShouldProcess(path, "Store a budget in this file"))
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
