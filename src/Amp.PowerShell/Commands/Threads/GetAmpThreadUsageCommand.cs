using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Tells what threads have cost.</summary>
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
