using System.Globalization;
using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Shows the progress of a run: the turn, the time, and the tool that the agent called. It belongs to the pipeline thread, is updated at
/// most a few times per second, and is removed however the run ends.
/// </summary>
internal sealed class RunProgress
{
    /// <summary>The interval of updates while nothing arrives.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const string Activity = "Amp agent";
    private const long LeastMilliseconds = 300;

    private static int s_lastId;

    private readonly AmpCmdlet _cmdlet;
    private readonly RunPlan _plan;
    private readonly long _began = Environment.TickCount64;
    private readonly int _id = Interlocked.Increment(ref s_lastId);
    private long _shownAt;
    private bool _isShown;
    private AssistantMessage? _calling;
    private int _turns;

    private RunProgress(AmpCmdlet cmdlet, RunPlan plan)
    {
        _cmdlet = cmdlet;
        _plan = plan;
        _shownAt = _began;
    }

    /// <summary>Creates the progress of a run; null if the caller does not show progress.</summary>
    public static RunProgress? Of(AmpCmdlet cmdlet, RunPlan plan) =>
        Preference.IsSilent(cmdlet, "ProgressAction", "ProgressPreference") ? null : new RunProgress(cmdlet, plan);

    /// <summary>Records a message. Only the message that is shown is read.</summary>
    public void Note(StreamMessage message)
    {
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
        string status = string.Create(CultureInfo.InvariantCulture, $"turn {_turns}, {(int)time.TotalMinutes}:{time.Seconds:00}{doing}");
        _cmdlet.CommandRuntime.WriteProgress(_id, new ProgressRecord(_id, Activity, status));
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
        ProgressRecord end = new(_id, Activity, " ") { RecordType = ProgressRecordType.Completed };
        try
        {
            _cmdlet.CommandRuntime.WriteProgress(_id, end);
        }
        catch (Exception exception) when (exception is PipelineStoppedException or InvalidOperationException)
        {
            // A pipeline that is being stopped accepts nothing from its cmdlets, and its host would show the progress forever.
            _cmdlet.Host?.UI.WriteProgress(_id, end);
        }
    }
}
