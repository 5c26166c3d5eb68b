using System.Collections.Concurrent;
using System.ComponentModel;
using System.Management.Automation;

namespace Amp.PowerShell;

/// <summary>
/// Finds the jobs of a runspace for PowerShell's own cmdlets, which search for jobs of this kind only in such a source. PowerShell creates a source for
/// each runspace that imports the module.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class AgentJobSource : JobSourceAdapter
{
    private const string Given = "Job";

    private readonly ConcurrentDictionary<Guid, AmpJob> _jobs = new();

    /// <summary>Creates an empty source.</summary>
    public AgentJobSource() => Name = nameof(AgentJobSource);

    /// <inheritdoc/>
    public override Job2 NewJob(JobInvocationInfo specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        AmpJob job = specification.Parameters.SelectMany(set => set).FirstOrDefault(parameter => parameter.Name == Given)?.Value as AmpJob
            ?? throw new PSNotSupportedException("Jobs of this kind are created with -AsJob.");
        _jobs.TryAdd(job.InstanceId, job);
        return job;
    }

    /// <inheritdoc/>
    public override IList<Job2> GetJobs() => Where(_ => true, recurse: false);

    /// <inheritdoc/>
    public override IList<Job2> GetJobsByName(string name, bool recurse)
    {
        WildcardPattern pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        return Where(job => pattern.IsMatch(job.Name), recurse);
    }

    /// <inheritdoc/>
    public override IList<Job2> GetJobsByCommand(string command, bool recurse)
    {
        WildcardPattern pattern = WildcardPattern.Get(command, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        return Where(job => pattern.IsMatch(job.Command), recurse);
    }

    /// <inheritdoc/>
    public override Job2? GetJobByInstanceId(Guid instanceId, bool recurse) => Where(job => job.InstanceId == instanceId, recurse).FirstOrDefault();

    /// <inheritdoc/>
    public override Job2? GetJobBySessionId(int id, bool recurse) => Where(job => job.Id == id, recurse).FirstOrDefault();

    /// <inheritdoc/>
    public override IList<Job2> GetJobsByState(JobState state, bool recurse) => Where(job => job.JobStateInfo.State == state, recurse);

    /// <summary>Returns the jobs whose properties have the given values.</summary>
    public override IList<Job2> GetJobsByFilter(Dictionary<string, object> filter, bool recurse) => Where(
        job => filter.All(wanted => PSObject.AsPSObject(job).Properties[wanted.Key]?.Value is object value && LanguagePrimitives.Equals(value, wanted.Value, ignoreCase: true)),
        recurse);

    /// <inheritdoc/>
    public override void RemoveJob(Job2 job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (_jobs.TryRemove(job.InstanceId, out AmpJob? removed))
        {
            removed.StopJob();
        }
    }

    /// <summary>Adds a job to those of a runspace.</summary>
    /// <param name="cmdlet">A cmdlet that runs there.</param>
    /// <param name="job">The job.</param>
    internal static void Add(PSCmdlet cmdlet, AmpJob job)
    {
        if (!cmdlet.JobManager.IsRegistered(nameof(AgentJobSource)))
        {
            // Where the cmdlets were added to a session without an import, as a host can do.
            cmdlet.JobRepository.Add(job);
            return;
        }

        JobDefinition definition = new(typeof(AgentJobSource), job.Command, job.Name);
        cmdlet.JobManager.NewJob(new JobInvocationInfo(definition, new Dictionary<string, object> { [Given] = job }));
    }

    private List<Job2> Where(Func<Job2, bool> isWanted, bool recurse) =>
        [.. _jobs.Values.SelectMany(job => recurse ? job.ChildJobs.OfType<Job2>().Prepend(job) : [job]).Where(isWanted).OrderBy(job => job.Id)];
}
