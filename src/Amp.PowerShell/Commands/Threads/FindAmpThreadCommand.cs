using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Finds threads by their content.</summary>
/// <example>
///   <code>Find-AmpThread '"race condition" file:src/auth' -First 5</code>
/// </example>
[Cmdlet(VerbsCommon.Find, "AmpThread")]
[OutputType(typeof(AmpThread))]
public sealed class FindAmpThreadCommand : ManagementCmdlet
{
    /// <summary>A query in the CLI's query language: words, phrases in double quotes, <c>file:path</c>, <c>repo:url</c>.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Query { get; set; } = string.Empty;

    /// <summary>The maximum number of threads.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>The number of threads to skip first.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Skip { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        ThreadClient client = new(OrThrow(() => CliOptions));
        WriteAll(token => client.FindAsync(Query, First, Skip, token));
    }
}
