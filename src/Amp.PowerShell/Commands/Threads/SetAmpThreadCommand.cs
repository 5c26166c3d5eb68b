using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Changes threads one by one; an error affects only its thread. Not every CLI can change the labels of existing threads. If yours cannot,
/// you get the error <c>UnsupportedByCli</c>; use <c>Invoke-AmpAgent -Label</c> to label a new thread.
/// </summary>
/// <example>
///   <code>Find-AmpThread 'repo:github.com/acme/site' | Set-AmpThread -Visibility workspace</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "AmpThread", SupportsShouldProcess = true)]
[OutputType(typeof(AmpThread))]
public sealed class SetAmpThreadCommand : ThreadCmdlet
{
    // Not bound by property name, because a thread from a list would be set to its current value.

    /// <summary>Who can see the threads. The available values depend on the CLI (see <c>Get-AmpCli</c>).</summary>
    [Parameter]
    [ArgumentCompleter(typeof(VisibilityCompleter))]
    public string? Visibility { get; set; }

    /// <summary>Archives the threads. Use <c>-Archived:$false</c> to restore them.</summary>
    [Parameter]
    public SwitchParameter Archived { get; set; }

    /// <summary>The labels to add: at most 20, each of letters, digits and hyphens.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public string[]? Label { get; set; }

    /// <summary>Writes the changed threads to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private bool? IsArchived => MyInvocation.BoundParameters.ContainsKey(nameof(Archived)) ? Archived.ToBool() : null;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Visibility is null && IsArchived is null && Label is not { Length: > 0 })
        {
            Refuse("No change was given.", nameof(Visibility), "Use -Visibility, -Archived or -Label.");
        }
    }

    /// <inheritdoc/>
    protected override void ProcessThread(string id, string? title)
    {
        ThreadChange change = new() { Visibility = Visibility, IsArchived = IsArchived, Labels = Label };
        if (!ShouldProcess(NameOf(id, title), string.Join(", ", Changes())) || !TryFor(token => Client.ChangeAsync(id, change, token), id))
        {
            return;
        }

        RunspaceState.Current.Seen.NoteLabels(Label);
        if (PassThru && TryFor(token => Client.GetAsync(id, token), id, out AmpThread? thread))
        {
            WriteSeen(thread);
        }
    }

    private IEnumerable<string> Changes()
    {
        if (Visibility is not null)
        {
            yield return $"Set visibility to '{TerminalText.Strip(Visibility)}'";
        }

        if (IsArchived is bool isArchived)
        {
            yield return isArchived ? "Archive" : "Restore from the archive";
        }

        if (Label is { Length: > 0 })
        {
            yield return "Add labels " + TerminalText.Strip(string.Join(", ", Label));
        }
    }
}
