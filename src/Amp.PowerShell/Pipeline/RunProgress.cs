using System.Globalization;
using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Shows a run that is under way: the turn, the time, and the tool that the agent has called. It belongs to the pipeline thread, is
/// brought up to date a few times a second at most, however many messages come, and is taken away on every way out.
/// </summary>
internal sealed class RunProgress : IProgressWhileWaiting
{
    /// <summary>How often the time goes on while nothing comes.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const long LeastMilliseconds = 300;

    private static int s_lastId;

    private readonly AmpCmdlet _cmdlet;
    private readonly AmpRunPlan _plan;
    private readonly long _began = Environment.TickCount64;
    private readonly int _id = NewId();
    private long _shownAt;
    private readonly string _activity;
    private readonly int _parentId;
    private bool _isShown;
    private bool _isWaiting;
    private AssistantMessage? _calling;
    private int _turns;

    private RunProgress(AmpCmdlet cmdlet, AmpRunPlan plan, string activity, int parentId)
    {
        _cmdlet = cmdlet;
        _plan = plan;
        _activity = activity;
        _parentId = parentId;
        _shownAt = _began;
    }

    /// <summary>The progress of a run; null where the caller wants to see none.</summary>
    public static RunProgress? Of(AmpCmdlet cmdlet, AmpRunPlan plan) => IsSilent(cmdlet) ? null : new RunProgress(cmdlet, plan, FleetProgress.Activity, -1);

    /// <summary>The progress of one run of several, below that of all of them.</summary>
    public static RunProgress Below(FleetProgress all, AmpCmdlet cmdlet, AmpRunPlan plan, string activity) => new(cmdlet, plan, activity, all.Id);

    /// <summary>Whether the caller wants to see none.</summary>
    public static bool IsSilent(AmpCmdlet cmdlet) => Preference.IsSilent(cmdlet, "ProgressAction", "ProgressPreference");

    /// <summary>A number that no other progress of this process has.</summary>
    public static int NewId() => Interlocked.Increment(ref s_lastId);

    /// <summary>Takes note that the run waits for its turn, until its first message.</summary>
    public void NoteWaiting() => _isWaiting = true;

    /// <summary>Takes note of a message. It is not read here: that is done for the one that is shown.</summary>
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

    /// <summary>Shows how things are, unless that was done just now.</summary>
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
            CultureInfo.InvariantCulture, $"{(_isWaiting ? "waits for its turn" : $"turn {_turns}")}, {(int)time.TotalMinutes}:{time.Seconds:00}{doing}");
        _cmdlet.CommandRuntime.WriteProgress(_id, new ProgressRecord(_id, _activity, status) { ParentActivityId = _parentId });
        _isShown = true;
    }

    /// <summary>
    /// The same while the next event is awaited, which cannot be left alone: where nothing can be shown, as in a pipeline that is being
    /// stopped, the waiting goes on.
    /// </summary>
    public void UpdateWhileWaiting()
    {
        try
        {
            Update();
        }
        catch (Exception)
        {
            // Thrown again, if it still holds, with the next message.
        }
    }

    /// <summary>Takes it away, if it was ever there.</summary>
    public void Complete()
    {
        if (!_isShown)
        {
            return;
        }

        _isShown = false;
        TakeAway(_cmdlet, _id, _activity);
    }

    /// <summary>Takes a progress away.</summary>
    public static void TakeAway(AmpCmdlet cmdlet, int id, string activity)
    {
        ProgressRecord end = new(id, activity, " ") { RecordType = ProgressRecordType.Completed };
        try
        {
            cmdlet.CommandRuntime.WriteProgress(id, end);
        }
        catch (Exception exception) when (exception is PipelineStoppedException or InvalidOperationException)
        {
            // A pipeline that is being stopped takes nothing more from its cmdlets, and its host would show the run for ever.
            cmdlet.Host?.UI.WriteProgress(id, end);
        }
    }
}
