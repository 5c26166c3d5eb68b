using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;
using Amp.Sessions;

namespace Amp.PowerShell.Commands;

/// <summary>Creates a session: a conversation with the agent that stays open until you remove it.</summary>
[Cmdlet(VerbsCommon.New, "AmpSession", SupportsShouldProcess = true)]
[OutputType(typeof(AmpSession))]
public sealed class NewAmpSessionCommand : HostRunCmdlet
{
    /// <summary>A name for the session, by which you can get it later.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>
    /// The host on which the agent works, over SSH: <c>host</c>, <c>user@host</c> or <c>user@host:port</c>. It requires an SSH server, a POSIX shell and the Amp
    /// CLI. Paths are those of the host. The first message connects. See about_Amp_Remote.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    /// <inheritdoc/>
    private protected override bool IsElsewhere => HostName is not null;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        PipelineCalls calls = new() { IsKept = true };
        AmpOptions options = OrThrow(() => At(HostOrNone(), ToOptions(calls)));
        SessionDraft draft = OrThrow(() => AmpSession.Draft(options));
        if (!ShouldStart(
            RunDescription.Of(draft.Preview, "messages, one per turn, by standard input"),
            $"Start a session of the Amp agent in '{draft.Preview.WorkingDirectory}'?",
            "New-AmpSession"))
        {
            draft.Dispose();
            return;
        }

        AmpSession session = WaitOrThrow(token => AmpSession.OpenAsync(draft, Name, token));
        calls.BelongTo(session);
        RunspaceState.Current.Sessions.Add(session, needsPipeline: calls.RequiredBy is not null);
        RunspaceState.Current.Seen.NoteLabels(Label);
        if (options.ContinueLatestThread)
        {
            WriteWarning(
                "No thread has been used in this PowerShell session yet, so the CLI's latest thread is continued. Another program may have started it.");
        }

        WriteVerbose(session.Plan.Transport is { IsReplay: false, HostName: string host }
            ? $"{session} searches for the Amp CLI on host '{host}' when you send the first message."
            : $"{session} uses the Amp CLI {session.Plan.Cli?.Version} at '{session.Plan.Program.Path}'.");
        WriteObject(session);
    }

    private SshTransport? HostOrNone()
    {
        if (HostName is not null)
        {
            return ToTransport(HostName);
        }

        CheckWithoutHost();
        return null;
    }
}
