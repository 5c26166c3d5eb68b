using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Ends the CLI of the session and writes its final result, which covers everything that its last process did. An active turn is stopped. A
/// session that never sent a message has no result.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "AmpSession", SupportsShouldProcess = true, DefaultParameterSetName = "Session")]
[OutputType(typeof(ResultMessage), typeof(ErrorResultMessage))]
public sealed class RemoveAmpSessionCommand : AmpCmdlet
{
    /// <summary>The sessions from <c>New-AmpSession</c>, or their names or numbers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Session")]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public AmpSession[] Session { get; set; } = [];

    /// <summary>The names of the sessions. Wildcards are allowed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>The numbers of the sessions.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Id")]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SessionSearch search = ParameterSetName switch
        {
            "Id" => SessionSearch.ById(Id),
            "Name" => SessionSearch.ByName(Name),
            _ => new SessionSearch(Session, []),
        };
        foreach (AmpSession session in search.Found)
        {
            if (ShouldProcess(session.ToString(), "End the session"))
            {
                End(session);
            }
        }

        foreach (AmpException missing in search.Missing)
        {
            WriteError(AmpErrorRecord.Of(missing));
        }
    }

    private void End(AmpSession session)
    {
        ResultMessage? result = null;
        AmpException? failure = null;
        try
        {
            result = session.EndProcessAsync(StopToken).GetAwaiter().GetResult();
            session.ArchiveAsync(StopToken).GetAwaiter().GetResult();
        }
        catch (AmpCanceledException)
        {
            throw new PipelineStoppedException();
        }
        catch (AmpException exception)
        {
            failure = exception;
        }
        finally
        {
            RunspaceState.Current.Sessions.Remove(session);
        }

        if (result is not null)
        {
            WriteObject(HostParameter.Mark(result, session.Plan.Transport.HostName));
        }

        if (failure is not null)
        {
            WriteError(AmpErrorRecord.Of(failure, session.ThreadId));
        }
    }
}
