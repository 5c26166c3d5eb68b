using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Gets the threads of the account, most recent first, or the threads that you name. Some CLIs round the times in their list; such a time
/// is marked with <c>~</c>, and <c>IsUpdatedEstimated</c> is true.
/// </summary>
/// <example>
///   <code>Get-AmpThread | Where-Object Updated -lt (Get-Date).AddMonths(-3) | Set-AmpThread -Archived</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpThread", DefaultParameterSetName = ListSet)]
[OutputType(typeof(AmpThread))]
public sealed class GetAmpThreadCommand : ManagementCmdlet
{
    private const string ListSet = "List";
    private const string IdSet = "Id";

    private readonly PipedThreads _threads;
    private ThreadLookup? _lookup;

    /// <summary>Creates the cmdlet.</summary>
    public GetAmpThreadCommand() => _threads = new PipedThreads(this, (id, _) => WriteThread(id));

    /// <summary>The threads to get, as IDs or URLs. You can also give a message of a run.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [Alias("Id", "SessionId")]
    [ThreadIdTransformation]
    [ArgumentCompleter(typeof(ThreadIdCompleter))]
    public string[] ThreadId { get; set; } = [];

    /// <inheritdoc cref="ThreadCmdlet.RunId"/>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true, ParameterSetName = IdSet)]
    public string? RunId { get; set; }

    /// <inheritdoc cref="ThreadCmdlet.ErrorId"/>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true, ParameterSetName = IdSet)]
    public string? ErrorId { get; set; }

    /// <summary>Also gets archived threads.</summary>
    [Parameter(ParameterSetName = ListSet)]
    public SwitchParameter IncludeArchived { get; set; }

    /// <summary>The maximum number of threads.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ValidateRange(0, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>The number of threads to skip first.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ValidateRange(0, int.MaxValue)]
    public int Skip { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ListSet)
        {
            ThreadClient client = new(OrThrow(() => CliOptions));
            WriteAll(token => client.ListAsync(IncludeArchived, First, Skip, token));
            return;
        }

        _threads.Add(ThreadId, null, RunId);
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _threads.End();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _lookup?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        base.Dispose(disposing);
    }

    private void WriteThread(string id)
    {
        // One list serves all of them, and is read only as far as required.
        _lookup ??= new ThreadClient(OrThrow(() => CliOptions)).OpenLookup();
        if (TryFor(token => _lookup.GetAsync(id, token), id, out AmpThread? thread))
        {
            WriteSeen(thread);
        }
    }
}
