using Amp.Schedules;

namespace Amp.PowerShell.Completion;

/// <summary>Completes the names of the user's schedules.</summary>
internal sealed class ScheduleNameCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        new ScheduleStore().List().Select(schedule => new Candidate(schedule.Name, $"{schedule.Name}: {schedule.Trigger}, {schedule.ScriptPath}"));
}
