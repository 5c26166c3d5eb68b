using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Gets the maximum number of concurrent runs in this process, and the numbers of running and waiting runs.</summary>
/// <example>
///   <code>Get-AmpThrottle</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpThrottle")]
[OutputType(typeof(ThrottleState))]
public sealed class GetAmpThrottleCommand : AmpCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing() => WriteObject(AmpThrottle.GetState());
}
