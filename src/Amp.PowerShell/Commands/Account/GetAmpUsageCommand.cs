using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Tells what the account may still use. Needs a CLI from March 2026 on.</summary>
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
