using System.ComponentModel;
using System.Management.Automation;
using System.Reflection;

namespace Amp.PowerShell;

/// <summary>The base class of the jobs of this module. You can stop a job, but you cannot suspend a working agent, and a job never asks anything.</summary>
public abstract class AgentJob : Job2
{
    // Every version of PowerShell has it, protected; the reference assembly lacks it.
    private static readonly Action<Job2, JobState, Exception?> s_setState = typeof(Job2)
        .GetMethod("SetJobState", BindingFlags.Instance | BindingFlags.NonPublic, [typeof(JobState), typeof(Exception)])!
        .CreateDelegate<Action<Job2, JobState, Exception?>>();

    private static readonly AsyncLocal<bool> s_isInside = new();

    private protected AgentJob(string command, string? name, string typeName, string location)
        : base(command, name)
    {
        PSJobTypeName = typeName;
        Location = location;
    }

    /// <summary>The host on which the CLI runs, or <c>localhost</c> for this computer; of a job with several, each of them once, separated by commas.</summary>
    public override string Location { get; }

    /// <summary>
    /// Whether the work of a job is what runs here, as in a handler of its events. Who asks it to stop there must not wait: it would wait for itself.
    /// </summary>
    private protected static bool IsInside
    {
        get => s_isInside.Value;
        set => s_isInside.Value = value;
    }

    internal bool HasEnded => JobStateInfo.State is JobState.Completed or JobState.Failed or JobState.Stopped;

    /// <inheritdoc/>
    public override void StartJobAsync()
    {
        StartJob();
        OnStartJobCompleted(Completed());
    }

    /// <inheritdoc/>
    public override void StopJob(bool force, string reason) => StopJob();

    /// <inheritdoc/>
    public override void StopJobAsync() => _ = Task.Run(() =>
    {
        StopJob();
        OnStopJobCompleted(Completed());
    });

    /// <inheritdoc/>
    public override void StopJobAsync(bool force, string reason) => StopJobAsync();

    /// <summary>Not supported.</summary>
    public override void SuspendJob() => throw NotSupported();

    /// <summary>Not supported.</summary>
    public override void SuspendJob(bool force, string reason) => throw NotSupported();

    /// <summary>Not supported.</summary>
    public override void SuspendJobAsync() => throw NotSupported();

    /// <summary>Not supported.</summary>
    public override void SuspendJobAsync(bool force, string reason) => throw NotSupported();

    /// <summary>Not supported.</summary>
    public override void ResumeJob() => throw NotSupported();

    /// <summary>Not supported.</summary>
    public override void ResumeJobAsync() => throw NotSupported();

    /// <summary>Not supported.</summary>
    public override void UnblockJob() => throw NotSupported();

    /// <summary>Not supported.</summary>
    public override void UnblockJobAsync() => throw NotSupported();

    private protected static PSNotSupportedException NotSupported() => new("A job of -AsJob starts at once, and cannot be started again, suspended or resumed.");

    /// <summary>Changes the state and reports it.</summary>
    /// <param name="state">The new state.</param>
    /// <param name="reason">Why the job has failed; null if it has not.</param>
    private protected void Change(JobState state, Exception? reason = null) => s_setState(this, state, reason);

    private static AsyncCompletedEventArgs Completed() => new(null, cancelled: false, null);
}
