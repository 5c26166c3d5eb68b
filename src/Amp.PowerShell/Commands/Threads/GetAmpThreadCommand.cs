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

    private ThreadLookup? _lookup;

    /// <summary>The threads to get, as IDs or URLs. You can also give a message of a run.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [Alias("Id", "SessionId")]
    [ThreadIdTransformation]
    [ArgumentCompleter(typeof(ThreadIdCompleter))]
    public string[] ThreadId { get; set; } = [];

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
        ThreadClient client = new(OrThrow(() => CliOptions));
        if (ParameterSetName == ListSet)
        {
            WriteAll(token => client.ListAsync(IncludeArchived, First, Skip, token));
            return;
        }

        // One list serves all of them, and is read only as far as required.
        _lookup ??= client.OpenLookup();
        foreach (string reference in ThreadId)
        {
            if (TryFor(token => _lookup.GetAsync(reference, token), reference, out AmpThread? thread))
            {
                WriteSeen(thread);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _lookup?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        base.Dispose(disposing);
    }
}
