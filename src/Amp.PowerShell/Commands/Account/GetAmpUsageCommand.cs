using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Gets the remaining quota of the account. Requires a CLI of February 2026 or later.</summary>
/// <example>
///   <code>(Get-AmpUsage).Balances | Where-Object Remaining -lt 5</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpUsage")]
[OutputType(typeof(AccountCredit))]
public sealed class GetAmpUsageCommand : ManagementCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        AccountClient client = OrThrow(() => new AccountClient(CliOptions));
        WriteObject(WaitOrThrow(client.GetCreditAsync));
    }
}
