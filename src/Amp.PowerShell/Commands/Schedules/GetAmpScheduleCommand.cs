using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;
using Amp.Schedules;

namespace Amp.PowerShell.Commands;

/// <summary>Gets schedules: the scripts that the system's scheduler starts, the result of their last run, and the time of their next run.</summary>
/// <example>
///   <code>Get-AmpSchedule | Where-Object LastResult -ne Succeeded</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpSchedule")]
[OutputType(typeof(AmpSchedule))]
public sealed class GetAmpScheduleCommand : ScheduleCmdlet
{
    private readonly NameFilter _filter = new();

    /// <summary>The names. Wildcards are allowed. By default, all schedules.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ScheduleNameCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!HasPipedNull(nameof(Name)))
        {
            _filter.Add(Name);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_filter.IsEmpty)
        {
            return;
        }

        IReadOnlyList<ScheduleDefinition> all = OrThrow(() => Store.List());
        foreach (ScheduleDefinition schedule in all.Where(schedule => _filter.Matches(schedule.Name)))
        {
            if (TryFor(schedule.Name, (store, token) => store.ShowAsync(schedule, token), out AmpSchedule? shown))
            {
                WriteObject(shown);
            }
        }

        foreach (string name in _filter.Missing(all.Select(schedule => schedule.Name)))
        {
            TryFor(name, (store, _) => Task.FromResult(store.Get(name)), out _);
        }
    }
}
