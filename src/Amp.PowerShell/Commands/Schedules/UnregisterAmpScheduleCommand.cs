using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.Schedules;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Removes schedules from the scheduler, with their files and the record of their last run. The logs are kept unless you use <c>-RemoveLog</c>.
/// </summary>
/// <example>
///   <code>Get-AmpSchedule night* | Unregister-AmpSchedule</code>
/// </example>
[Cmdlet(VerbsLifecycle.Unregister, "AmpSchedule", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UnregisterAmpScheduleCommand : ScheduleCmdlet
{
    /// <summary>The names of the schedules.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ScheduleNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Also removes the logs. Other files in their folder are kept.</summary>
    [Parameter]
    public SwitchParameter RemoveLog { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            if (TryFor(name, (store, _) => Task.FromResult(store.Get(name)), out ScheduleDefinition? schedule)
                && ShouldProcess(schedule!.Name, RemoveLog ? "Remove the schedule and its logs" : "Remove the schedule"))
            {
                TryFor(
                    name,
                    async (store, token) =>
                    {
                        await store.UnregisterAsync(schedule.Name, RemoveLog, token).ConfigureAwait(false);
                        return true;
                    },
                    out _);
            }
        }
    }
}
