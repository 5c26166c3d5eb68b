using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Renames threads.</summary>
/// <example>
///   <code>Rename-AmpThread $run[0].ThreadId 'Nightly clean-up'</code>
/// </example>
[Cmdlet(VerbsCommon.Rename, "AmpThread", SupportsShouldProcess = true)]
[OutputType(typeof(AmpThread))]
public sealed class RenameAmpThreadCommand : ThreadCmdlet
{
    // Not bound by property name, because a piped thread has its old title.

    /// <summary>The new title, with 1 to 256 characters.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("NewTitle", "NewName")]
    [AllowEmptyString]
    public string Title { get; set; } = string.Empty;

    /// <summary>Writes the renamed thread to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessThread(string id, string? title)
    {
        if (ShouldProcess(NameOf(id, title), $"Rename to '{TerminalText.Strip(Title)}'")
            && TryFor(token => Client.RenameAsync(id, Title, token), id)
            && PassThru
            && TryFor(token => Client.GetAsync(id, token), id, out AmpThread? thread))
        {
            WriteSeen(thread);
        }
    }
}
