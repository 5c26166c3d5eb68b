using System.Globalization;
using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Shows the progress of a run: the turn, the time, and the tool that the agent called. It belongs to the thread that writes the run, is updated at
/// most a few times per second, and is removed however the run ends.
/// </summary>
internal sealed class RunProgress : IProgressWhileWaiting
{
    /// <summary>The interval of updates while nothing arrives.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const long LeastMilliseconds = 300;

    private static int s_lastId;

    private readonly IRunStreams _streams;
    private readonly RunPlan _plan;
    private readonly long _began = Environment.TickCount64;
    private readonly int _id = NewId();
    private long _shownAt;
    private readonly string _activity;
    private readonly int _parentId;
    private bool _isShown;
    private bool _isWaiting;
    private AssistantMessage? _calling;
    private int _turns;

    private RunProgress(IRunStreams streams, RunPlan plan, string activity, int parentId)
    {
        _streams = streams;
        _plan = plan;
        _activity = activity;
        _parentId = parentId;
        _shownAt = _began;
    }

    /// <summary>Creates the progress of a run; null if the caller does not show progress.</summary>
    public static RunProgress? Of(AmpCmdlet cmdlet, RunPlan plan) => IsSilent(cmdlet) ? null : new RunProgress(cmdlet, plan, FleetProgress.Activity, -1);

    /// <summary>The progress of one run of several, below that of all of them.</summary>
    public static RunProgress Below(FleetProgress all, AmpCmdlet cmdlet, RunPlan plan, string activity) => new(cmdlet, plan, activity, all.Id);

    /// <summary>The progress of a run that is shown by itself.</summary>
    public static RunProgress Alone(IRunStreams streams, RunPlan plan, string activity) => new(streams, plan, activity, -1);

    /// <summary>Whether the caller wants to see none.</summary>
    public static bool IsSilent(AmpCmdlet cmdlet) => Preference.IsSilent(cmdlet, "ProgressAction", "ProgressPreference");

    /// <summary>A number that no other progress of this process has.</summary>
    public static int NewId() => Interlocked.Increment(ref s_lastId);

    /// <summary>Takes note that the run waits for its turn, until its first message.</summary>
    public void NoteWaiting() => _isWaiting = true;

    /// <summary>Records a message. Only the message that is shown is read.</summary>
    public void Note(StreamMessage message)
    {
        _isWaiting = false;
        if (message is AssistantMessage said)
        {
            _turns += said.ParentToolUseId is null ? 1 : 0;
            _calling = said.CallsTool ? said : null;
        }
        else if (message is UserMessage)
        {
            _calling = null;
        }

        Update();
    }

    /// <summary>Shows the current state, unless it was just shown.</summary>
    public void Update()
    {
        long now = Environment.TickCount64;
        if (now - _shownAt < LeastMilliseconds)
        {
            return;
        }

        _shownAt = now;
        TimeSpan time = TimeSpan.FromMilliseconds(now - _began);
        string doing = _calling is null ? string.Empty
            : $": {new ToolCall(_calling, _calling.ToolNames.Count - 1, _plan, ToolCall.Safe(_calling.ToolNames[^1], _plan), isShown: true)}";
        string status = string.Create(
            CultureInfo.InvariantCulture, $"{(_isWaiting ? "waiting to start" : $"turn {_turns}")}, {(int)time.TotalMinutes}:{time.Seconds:00}{doing}");
        _streams.ShowProgress(new ProgressRecord(_id, _activity, status) { ParentActivityId = _parentId });
        _isShown = true;
    }

    /// <summary>
    /// Updates the progress while the next event is awaited. The wait must not be interrupted: if nothing can be shown, for example in a
    /// pipeline that is being stopped, it continues.
    /// </summary>
    public void UpdateWhileWaiting()
    {
        try
        {
            Update();
        }
        catch (Exception)
        {
            // If the error persists, it is thrown again with the next message.
        }
    }

    /// <summary>Removes the progress if it was shown.</summary>
    public void Complete()
    {
        if (!_isShown)
        {
            return;
        }

        _isShown = false;
        TakeAway(_streams, _id, _activity);
    }

    /// <summary>Takes a progress away.</summary>
    public static void TakeAway(IRunStreams streams, int id, string activity) =>
        streams.TakeProgressAway(new ProgressRecord(id, activity, " ") { RecordType = ProgressRecordType.Completed });
}
