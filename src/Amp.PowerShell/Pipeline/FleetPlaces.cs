namespace Amp.PowerShell.Pipeline;

/// <summary>What runs that are at work at the same time must not share, and what they had better not share: threads and folders. Any thread can ask.</summary>
internal sealed class FleetPlaces
{
    private readonly Dictionary<string, int> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FleetTask> _threads = new(StringComparer.Ordinal);
    private bool _isWarned;

    /// <summary>Takes the thread of a run.</summary>
    /// <returns>Why it cannot have it; null where it can.</returns>
    public AmpException? TakeThread(FleetTask task)
    {
        lock (_threads)
        {
            if (task.Options?.ThreadId is not string thread)
            {
                return null;
            }

            // The end of the run that has it may not have been told yet.
            if (_threads.TryGetValue(thread, out FleetTask? holder) && holder.Item is not { HasEnded: true })
            {
                return new AmpValidationException(
                    $"Another active run continues the thread '{thread}'.", nameof(AmpOptions.ThreadId), "Give each row a different thread, or omit -ThrottleLimit.", thread);
            }

            _threads[thread] = task;
            return null;
        }
    }

    /// <summary>Notes that a run, which has a plan, begins in its folder.</summary>
    /// <returns>A warning; null for none.</returns>
    public string? Enter(FleetTask task)
    {
        string folder = PlaceOf(task.Plan!);
        lock (_threads)
        {
            int here = _folders.GetValueOrDefault(folder) + 1;
            _folders[folder] = here;
            if (here == 1 || _isWarned)
            {
                return null;
            }

            _isWarned = true;
            return $"Several runs work in '{folder}' at the same time and can overwrite each other's changes. If they change files, give each run a separate folder "
                + "in the WorkingDirectory property of the piped object.";
        }
    }

    /// <summary>Notes that a run has ended, whether or not it had entered.</summary>
    public void Leave(FleetTask task)
    {
        lock (_threads)
        {
            if (task.Plan is RunPlan plan && --_folders[PlaceOf(plan)] == 0)
            {
                _folders.Remove(PlaceOf(plan));
            }

            if (task.Options?.ThreadId is string thread && _threads.GetValueOrDefault(thread) == task)
            {
                _threads.Remove(thread);
            }
        }
    }

    // The same path on two hosts is two folders.
    private static string PlaceOf(RunPlan plan) => plan.Transport.HostName is string host ? $"{host}:{plan.WorkingDirectory}" : plan.WorkingDirectory;
}
