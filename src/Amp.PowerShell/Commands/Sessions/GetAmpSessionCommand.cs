using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Gets the open sessions of this PowerShell session.</summary>
[Cmdlet(VerbsCommon.Get, "AmpSession", DefaultParameterSetName = "Name")]
[OutputType(typeof(AmpSession))]
public sealed class GetAmpSessionCommand : AmpCmdlet
{
    /// <summary>The names of the sessions. Wildcards are allowed. By default, all sessions.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = "Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The numbers of the sessions.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Id")]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (HasPipedNull(nameof(Name)))
        {
            return;
        }

        SessionSearch search = ParameterSetName == "Id" ? SessionSearch.ById(Id) : SessionSearch.ByName(Name);
        WriteObject(search.Found, enumerateCollection: true);
        foreach (AmpException missing in search.Missing)
        {
            WriteError(AmpErrorRecord.Of(missing));
        }
    }
}
