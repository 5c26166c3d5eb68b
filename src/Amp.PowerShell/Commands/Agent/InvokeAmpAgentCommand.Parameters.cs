using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <content>The parameters that say what is asked, and what is written of the answer.</content>
public sealed partial class InvokeAmpAgentCommand
{
    /// <summary>The task for the agent. If you pipe objects in, the prompt is about them.</summary>
    [Parameter(Position = 0)]
    [AllowNull]
    public string? Prompt { get; set; }

    /// <summary>
    /// Prompts, or objects with a <c>Prompt</c> property, each of which starts a separate run. With <c>-Prompt</c>, the objects that the prompt is about, or the thread to continue:
    /// a thread, or the messages of one run. The items of a list are used one by one. The model gets data as JSON if a table cannot show it completely.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public PSObject? InputObject { get; set; }

    /// <summary>
    /// Images that the prompt is about, at most 4: paths, files, bytes, or streams of PNG, JPEG, GIF or WebP images. You can also pipe image files in.
    /// </summary>
    [Parameter]
    [ImageTransformation]
    [SupportsWildcards]
    public InputImage[]? Image { get; set; }

    /// <summary>The turns of a conversation, from <c>New-AmpUserMessage</c>. You can also pipe them in while the agent works.</summary>
    [Parameter]
    public UserInputMessage[]? Message { get; set; }

    /// <summary>
    /// Uses piped threads and messages as context for the prompt. Without this switch, they select the thread to continue.
    /// </summary>
    [Parameter]
    public SwitchParameter AsContext { get; set; }

    /// <summary>
    /// The number of levels of piped data that the model gets. Deeper levels are converted to text. In this case, the model is informed and you get a
    /// warning.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int ContextDepth { get; set; } = ContextLimits.DefaultDepth;

    /// <summary>
    /// The maximum number of characters of piped objects that the model gets. The rest is omitted. In this case, the model is informed and you get a
    /// warning.
    /// </summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxContextLength { get; set; } = ContextLimits.DefaultLength;

    /// <summary>Writes only the objects of the answer that <c>-OutputSchema</c> requests, one by one.</summary>
    [Parameter]
    public SwitchParameter OutputOnly { get; set; }

    /// <summary>
    /// A script that verifies the work when the agent reports that it is done. It runs in your session. The verification fails if the
    /// script throws, writes an error, returns <c>$false</c> or a failed Pester run, or sets <c>$LASTEXITCODE</c> to a value other than 0.
    /// In this case, the agent gets the output of the script and continues in the same thread. See about_Amp_Output.
    /// </summary>
    [Parameter]
    public ScriptBlock? Verify { get; set; }

    /// <summary>
    /// The maximum number of verifications. The default is 3. If the last one fails, you get the error <c>VerificationFailed</c>.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int VerifyLimit { get; set; } = 3;

    /// <summary>
    /// Files and folders, with everything in them, that the agent must not change, such as the tests that verify its work. If they change,
    /// the verification fails, and the agent is asked to restore them. Files that only the verification creates there, such as compiled
    /// tests, are not a change.
    /// </summary>
    [Parameter]
    public string[]? VerifyPath { get; set; }

    /// <summary>
    /// The maximum time for a verification, in seconds. After that, the verification is stopped and the run ends. The default is 0, which
    /// means no limit.
    /// </summary>
    [Parameter]
    [Seconds]
    public double VerifyTimeoutSec { get; set; }

    /// <summary>
    /// The number of retries for a run that the service cannot handle. After the errors <c>ServiceUnreachable</c>, <c>Throttled</c> and <c>Overloaded</c>,
    /// the run continues its thread. The default is 0. The time between retries increases, unless the service requests a specific time. If it requests more
    /// than a day, the run is not retried. A run is not retried after a tool call that may have changed something, unless you use <c>-RetryAfterChange</c>,
    /// and never when a quota is exceeded (<c>QuotaExceeded</c>). A conversation (<c>-Message</c>, or messages that you pipe in) is not retried. It cannot be
    /// used with <c>-Archive</c>, because a retry continues the thread. See about_Amp_Automation.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int RetryLimit { get; set; }

    /// <summary>
    /// Allows a retry after a tool call that may have changed something, such as a command or a written file. The agent can see in its thread what it has
    /// already done.
    /// </summary>
    [Parameter]
    public SwitchParameter RetryAfterChange { get; set; }

    /// <summary>Writes only the result of each run.</summary>
    [Parameter]
    public SwitchParameter ResultOnly { get; set; }

    /// <summary>The maximum number of piped prompts that run at the same time. By default, they run one after the other.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ThrottleLimit { get; set; } = 1;

    /// <summary>
    /// Starts the runs in a job and returns at once. Each piped prompt is a child job. Use <c>Receive-Job</c> to get what the runs write, even while they
    /// work. See about_Amp_Parallel.
    /// </summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>The name of the job. By default, the name is created from the number of the job.</summary>
    [Parameter]
    [Alias("Name")]
    [ValidateNotNullOrEmpty]
    public string? JobName { get; set; }
}
