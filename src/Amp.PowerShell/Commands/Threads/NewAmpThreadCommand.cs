using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Creates a thread that you continue with <c>Invoke-AmpAgent -ThreadId</c>. With <c>-HandoffFrom</c>, the model summarizes what a goal requires from
/// another thread. The available parameters depend on the CLI: <c>-ForkFrom</c> existed until January 2026. If the CLI cannot do it, you get the error
/// <c>UnsupportedByCli</c>.
/// </summary>
/// <example>
///   <code>New-AmpThread -HandoffFrom $run[0].ThreadId -Goal 'Write the tests' | Invoke-AmpAgent 'Begin'</code>
/// </example>
[Cmdlet(VerbsCommon.New, "AmpThread", SupportsShouldProcess = true, DefaultParameterSetName = EmptySet)]
[OutputType(typeof(AmpThread))]
public sealed class NewAmpThreadCommand : ManagementCmdlet
{
    private const string EmptySet = "Empty";
    private const string HandoffSet = "Handoff";
    private const string ForkSet = "Fork";

    /// <summary>Who can see the thread. The available values depend on the CLI (see <c>Get-AmpCli</c>).</summary>
    [Parameter(ParameterSetName = EmptySet)]
    [ArgumentCompleter(typeof(VisibilityCompleter))]
    public string? Visibility { get; set; }

    /// <summary>Labels: at most 20, each of letters, digits and hyphens.</summary>
    [Parameter(ParameterSetName = EmptySet)]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public string[]? Label { get; set; }

    /// <summary>The thread to continue from, as an ID or URL. The model summarizes what is required from it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HandoffSet)]
    [ThreadIdTransformation(IsSingle = true)]
    [ArgumentCompleter(typeof(ThreadIdCompleter))]
    public string? HandoffFrom { get; set; }

    /// <summary>The goal of the new thread.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HandoffSet)]
    public string? Goal { get; set; }

    /// <summary>The thread to copy, as an ID or URL.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ForkSet)]
    [ThreadIdTransformation(IsSingle = true)]
    [ArgumentCompleter(typeof(ThreadIdCompleter))]
    public string? ForkFrom { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        ThreadClient client = new(OrThrow(() => CliOptions));
        string? from = (HandoffFrom ?? ForkFrom) is string reference ? OrThrow(() => ThreadClient.IdOf(reference)) : null;
        string action = ParameterSetName switch
        {
            HandoffSet => $"Create a thread that continues {from}",
            ForkSet => $"Create a copy of thread {from}",
            _ => "Create an empty thread",
        };
        if (ShouldProcess("the Amp account", action))
        {
            WriteSeen(WaitOrThrow(token => ParameterSetName switch
            {
                HandoffSet => client.HandOffAsync(from!, Goal!, token),
                ForkSet => client.ForkAsync(from!, token),
                _ => client.CreateAsync(Visibility, Label, token),
            }));
            RunspaceState.Current.Seen.NoteLabels(Label);
        }
    }
}
