using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Has the CLI review changes of the Git repository that PowerShell is in. Needs a CLI from March 2026 on.</summary>
/// <example>
///   <code>(Invoke-AmpReview main...HEAD -DangerouslyAllowAll).Comments | Format-Table File, Line, Text</code>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "AmpReview", SupportsShouldProcess = true)]
[OutputType(typeof(AmpReview))]
public sealed class InvokeAmpReviewCommand : ManagementCmdlet
{
    private const int DefaultLimit = 1800;

    /// <summary>Makes the cmdlet: a review takes longer than other commands.</summary>
    public InvokeAmpReviewCommand() => TimeoutSec = DefaultLimit;

    /// <summary>Which changes, in words or as a Git range; by default those that are not committed.</summary>
    [Parameter(Position = 0)]
    public string? Diff { get; set; }

    /// <summary>The files to look at most.</summary>
    [Parameter]
    public string[] File { get; set; } = [];

    /// <summary>What the reviewer is told beside; others on this machine can read it in the list of processes.</summary>
    [Parameter]
    public string? Instruction { get; set; }

    /// <summary>Only says what the change does; the CLI of March 2026 can.</summary>
    [Parameter]
    public SwitchParameter SummaryOnly { get; set; }

    /// <summary>Lets the reviewer call every tool. The CLI of March 2026 does no review without it.</summary>
    [Parameter]
    public SwitchParameter DangerouslyAllowAll { get; set; }

    /// <summary>Never used: it makes every beginning of <c>-DangerouslyAllowAll</c> ambiguous, so that nobody gives it by accident.</summary>
    [Parameter(DontShow = true)]
    public SwitchParameter DangerouslyAllowAllMustBeTypedInFull { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (DangerouslyAllowAllMustBeTypedInFull)
        {
            Refuse("-DangerouslyAllowAll must be written in full.", nameof(DangerouslyAllowAll), "Write the whole parameter name if you mean it.");
        }

        ReviewClient client = OrThrow(() => new ReviewClient(CliOptions));
        ReviewOptions options = new()
        {
            Diff = Diff,
            Files = File,
            Instruction = Instruction,
            SummaryOnly = SummaryOnly,
            DangerouslyAllowAll = DangerouslyAllowAll,
        };
        if (ShouldProcess(Diff ?? "the changes that are not committed", "Review"))
        {
            WriteObject(WaitOrThrow(token => client.RunAsync(options, token)));
        }
    }
}
