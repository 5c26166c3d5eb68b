using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Sets how many runs are at work in this process at a time, over all cmdlets, jobs and runspaces.</summary>
/// <example>
///   <code>Set-AmpThrottle -Limit 4</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "AmpThrottle", SupportsShouldProcess = true, DefaultParameterSetName = LimitSet)]
[OutputType(typeof(ThrottleState))]
public sealed class SetAmpThrottleCommand : AmpCmdlet
{
    private const string LimitSet = "Limit";
    private const string DefaultSet = "Default";

    /// <summary>How many runs are at work at a time.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = LimitSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Limit { get; set; }

    /// <summary>Removes the limit, as it is by default.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DefaultSet)]
    public SwitchParameter Default { get; set; }

    /// <summary>Writes what the limit is then.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        int? limit = ParameterSetName == LimitSet ? Limit : null;
        if (limit is null && !Default)
        {
            Refuse("-Default:$false has no effect.", nameof(Default), "Give -Limit, or -Default without a value.");
        }

        if (!ShouldProcess($"This PowerShell process (PID {Environment.ProcessId})", limit is null ? "Remove the limit on runs at the same time" : $"Allow at most {limit} runs at the same time"))
        {
            return;
        }

        AmpThrottle.Limit = limit;
        if (PassThru)
        {
            WriteObject(AmpThrottle.GetState());
        }
    }
}
