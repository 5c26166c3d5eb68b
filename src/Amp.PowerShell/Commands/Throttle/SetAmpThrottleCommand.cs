using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Sets the maximum number of concurrent runs in this process, across all cmdlets, jobs and runspaces.</summary>
/// <example>
///   <code>Set-AmpThrottle -Limit 4</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "AmpThrottle", SupportsShouldProcess = true, DefaultParameterSetName = LimitSet)]
[OutputType(typeof(ThrottleState))]
public sealed class SetAmpThrottleCommand : AmpCmdlet
{
    private const string LimitSet = "Limit";
    private const string DefaultSet = "Default";

    /// <summary>The maximum number of concurrent runs.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = LimitSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Limit { get; set; }

    /// <summary>Removes the limit. By default, there is no limit.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DefaultSet)]
    public SwitchParameter Default { get; set; }

    /// <summary>Writes the new limit and the number of current runs to the pipeline.</summary>
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

        if (!ShouldProcess($"This PowerShell process (PID {Environment.ProcessId})", limit is null ? "Remove the limit on concurrent runs" : $"Allow at most {limit} concurrent runs"))
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
