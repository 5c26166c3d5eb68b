using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Reviews the changes in the current Git repository with the CLI. Requires a CLI of February 2026 or later. For CLIs later than May 2026,
/// see <c>about_Amp_Cli_Versions</c>.
/// </summary>
/// <example>
///   <code>(Invoke-AmpReview main...HEAD -DangerouslyAllowAll).Comments | Format-Table File, Line, Text</code>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "AmpReview", SupportsShouldProcess = true)]
[OutputType(typeof(AmpReview))]
public sealed class InvokeAmpReviewCommand : ManagementCmdlet
{
    private const int DefaultLimit = 1800;

    /// <summary>Creates the cmdlet, with a longer time limit than that of other commands.</summary>
    public InvokeAmpReviewCommand() => TimeoutSec = DefaultLimit;

    /// <summary>The changes to review, in words or as a Git range. By default, the uncommitted changes.</summary>
    [Parameter(Position = 0)]
    public string? Diff { get; set; }

    /// <summary>The files to focus on.</summary>
    [Parameter]
    public string[] File { get; set; } = [];

    /// <summary>Additional instructions for the reviewer. Other users of the machine can read them in the list of processes.</summary>
    [Parameter]
    public string? Instruction { get; set; }

    /// <summary>Returns only a summary of the change. Requires the CLI of March 2026.</summary>
    [Parameter]
    public SwitchParameter SummaryOnly { get; set; }

    /// <summary>Allows the reviewer to call every tool. The CLI of March 2026 requires it for a review.</summary>
    [Parameter]
    public SwitchParameter DangerouslyAllowAll { get; set; }

    /// <summary>
    /// Not used: it makes every abbreviation of <c>-DangerouslyAllowAll</c> ambiguous, so that nobody uses it by accident.
    /// </summary>
    [Parameter(DontShow = true)]
    public SwitchParameter DangerouslyAllowAllMustBeTypedInFull { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (DangerouslyAllowAllMustBeTypedInFull)
        {
            Refuse("-DangerouslyAllowAll must be written in full.", nameof(DangerouslyAllowAll), "To allow every tool call, write the full parameter name.");
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
        if (ShouldProcess(Diff ?? "the uncommitted changes", "Review"))
        {
            WriteObject(WaitOrThrow(token => client.RunAsync(options, token)));
        }
    }
}
