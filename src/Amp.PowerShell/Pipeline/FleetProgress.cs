using System.Globalization;
using System.Management.Automation;
using Amp.Text;

namespace Amp.PowerShell.Pipeline;

/// <summary>What can be brought up to date while nothing else happens on the pipeline thread.</summary>
internal interface IProgressWhileWaiting
{
    /// <summary>Shows how things are; never throws.</summary>
    void UpdateWhileWaiting();
}

/// <summary>Shows several runs that are under way: how many there are, and below it each that is at work.</summary>
internal sealed class FleetProgress : IProgressWhileWaiting
{
    /// <summary>How a run, or several, are called.</summary>
    public const string Activity = "Amp agent";

    private const long LeastMilliseconds = 300;
    private const int LongestPrompt = 60;

    // Of a prompt of megabytes nobody sees more.
    private const int LongestRead = 2000;

    private readonly AmpCmdlet _cmdlet;
    private readonly HashSet<RunProgress> _runs = [];
    private long _shownAt = Environment.TickCount64;
    private bool _isShown;
    private int _ended;
    private int _failed;

    private FleetProgress(AmpCmdlet cmdlet) => _cmdlet = cmdlet;

    /// <summary>The number under which the runs are shown.</summary>
    public int Id { get; } = RunProgress.NewId();

    /// <summary>The progress of a cmdlet's runs; null where the caller wants to see none.</summary>
    public static FleetProgress? Of(AmpCmdlet cmdlet) => RunProgress.IsSilent(cmdlet) ? null : new FleetProgress(cmdlet);

    /// <summary>A run begins.</summary>
    public RunProgress Begin(RunPlan plan, int number, string prompt)
    {
        RunProgress run = RunProgress.Below(this, _cmdlet, plan, ActivityOf(plan, number, prompt));
        _runs.Add(run);
        return run;
    }

    /// <summary>A run has ended.</summary>
    public void End(RunProgress? run, bool isFailed)
    {
        _ended++;
        _failed += isFailed ? 1 : 0;
        if (run is not null && _runs.Remove(run))
        {
            run.Complete();
        }

        Update();
    }

    /// <summary>Shows how many runs there are, unless that was done just now.</summary>
    public void Update()
    {
        long now = Environment.TickCount64;
        if (now - _shownAt < LeastMilliseconds)
        {
            return;
        }

        _shownAt = now;
        _isShown = true;
        int waiting = AmpThrottle.GetState().Waiting;
        _cmdlet.CommandRuntime.WriteProgress(Id, new ProgressRecord(Id, Activity, string.Create(
            CultureInfo.InvariantCulture,
            $"{_runs.Count} running{(waiting > 0 ? $" or waiting ({waiting} in this process)" : string.Empty)}, {_ended} ended{(_failed > 0 ? $", {_failed} of them failed" : string.Empty)}")));
    }

    /// <inheritdoc/>
    public void UpdateWhileWaiting()
    {
        try
        {
            Update();
        }
        catch (Exception)
        {
            // Thrown again, if it still holds, with the next event.
        }

        foreach (RunProgress run in _runs)
        {
            run.UpdateWhileWaiting();
        }
    }

    /// <summary>Takes it away, and what is left below it.</summary>
    public void Complete()
    {
        foreach (RunProgress run in _runs)
        {
            run.Complete();
        }

        _runs.Clear();
        if (_isShown)
        {
            _isShown = false;
            RunProgress.TakeAway(_cmdlet, Id, Activity);
        }
    }

    /// <summary>What the progress of one run of several is called.</summary>
    public static string ActivityOf(RunPlan plan, int number, string prompt) =>
        $"Run {number}: {Shortened(plan.Redact(TerminalText.Strip(TruncatedText.Start(prompt, LongestRead))))}";

    private static string Shortened(string prompt)
    {
        string line = prompt.ReplaceLineEndings(" ").Trim();
        return TruncatedText.Shown(line, LongestPrompt);
    }
}
