using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Gets the cost of each thread in US dollars, as the CLI reports it. Requires a CLI of March 2026 or later.</summary>
/// <example>
///   <code>Get-AmpThread -First 20 | Get-AmpThreadUsage | Measure-Object Cost -Sum</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpThreadUsage")]
[OutputType(typeof(ThreadCost))]
public sealed class GetAmpThreadUsageCommand : ThreadCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessThread(string id, string? title)
    {
        if (TryFor(token => Client.GetCostAsync(id, token), id, out ThreadCost? usage))
        {
            WriteObject(usage);
        }
    }
}
