using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.Schedules;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Starts schedules now, in the same way as the scheduler, and returns at once. If a run of a schedule is active, no other run starts.
/// </summary>
/// <example>
///   <code>Start-AmpSchedule nightly</code>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "AmpSchedule", SupportsShouldProcess = true)]
[OutputType(typeof(AmpSchedule))]
public sealed class StartAmpScheduleCommand : ScheduleCmdlet
{
    /// <summary>The names of the schedules.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ScheduleNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Writes the schedule to the pipeline after its start.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            if (TryFor(name, (store, _) => Task.FromResult(store.Get(name)), out ScheduleDefinition? schedule)
                && ShouldProcess(schedule!.Name, "Start the schedule")
                && TryFor(name, (store, token) => StartAsync(store, schedule, token), out AmpSchedule? started) && PassThru)
            {
                WriteObject(started);
            }
        }
    }

    private static async Task<AmpSchedule> StartAsync(ScheduleStore store, ScheduleDefinition schedule, CancellationToken cancellationToken)
    {
        await store.Of(schedule.Scheduler).StartAsync(schedule, cancellationToken).ConfigureAwait(false);
        return await store.ShowAsync(schedule, cancellationToken).ConfigureAwait(false);
    }
}
