using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Gets the limit on how many runs are at work in this process at a time, and how many are.</summary>
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
