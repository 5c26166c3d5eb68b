using System.Globalization;
using Amp.Files;

namespace Amp.PowerShell.Pipeline;

/// <summary>What runs that are at work at the same time must not share, and what they had better not share: threads and folders. Any thread can ask.</summary>
internal sealed class FleetPlaces
{
    private readonly Dictionary<string, int> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<FleetTask, string> _places = [];
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
        string place = PlaceOf(task);
        lock (_threads)
        {
            // Kept, because the agent can replace a link by another one before its run ends.
            _places[task] = place;
            int here = _folders.GetValueOrDefault(place) + 1;
            _folders[place] = here;
            if (here == 1 || _isWarned)
            {
                return null;
            }

            _isWarned = true;
            RunPlan plan = task.Plan!;
            string host = plan.Transport.HostName is null ? string.Empty : $" on host '{plan.Transport}'";
            return $"Several runs work in '{plan.WorkingDirectory}'{host} at the same time and can overwrite each other's changes. If they change files, give each run a separate folder "
                + "in the WorkingDirectory property of the piped object.";
        }
    }

    /// <summary>Notes that a run has ended, whether or not it had entered.</summary>
    public void Leave(FleetTask task)
    {
        lock (_threads)
        {
            if (_places.Remove(task, out string? place) && --_folders[place] == 0)
            {
                _folders.Remove(place);
            }

            if (task.Options?.ThreadId is string thread && _threads.GetValueOrDefault(thread) == task)
            {
                _threads.Remove(thread);
            }
        }
    }

    // A path on two hosts is two folders, and so is one behind two ports of a name, which lead to two containers or tunnels. What is below the home folder
    // is another folder for each user. On this machine, a link is the folder that it leads to.
    private static string PlaceOf(FleetTask task)
    {
        string folder = task.Plan!.WorkingDirectory;
        if (task.Plan.Transport.HostName is string host)
        {
            string? user = folder.StartsWith('/') ? null : task.Transport?.UserName;
            return string.Create(CultureInfo.InvariantCulture, $"{user}@{host.ToUpperInvariant()}:{task.Transport?.Port ?? 22}:{folder.TrimEnd('/')}");
        }

        string real = RealPath.Of(folder);
        return RealPath.Comparison == StringComparison.Ordinal ? real : real.ToUpperInvariant();
    }
}
