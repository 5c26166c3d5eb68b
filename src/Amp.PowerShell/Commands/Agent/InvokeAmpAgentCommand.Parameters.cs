using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <content>The parameters that say what is asked, and what is written of the answer.</content>
public sealed partial class InvokeAmpAgentCommand
{
    /// <summary>What the agent is to do. With piped objects it is the question about them.</summary>
    [Parameter(Position = 0)]
    [AllowNull]
    public string? Prompt { get; set; }

    /// <summary>Prompts, or objects with a prompt, each of which gets a run of its own; or, beside <c>-Prompt</c>, the objects that it is about, or
    /// the thread that it goes on with.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public PSObject? InputObject { get; set; }

    /// <summary>The turns of one conversation, as <c>New-AmpUserMessage</c> makes them; they may also be piped in while the agent works.</summary>
    [Parameter]
    public UserInputMessage[]? Message { get; set; }

    /// <summary>
    /// Makes piped threads, and the messages of runs, something that the prompt is about. Without it, they say which thread the prompt goes
    /// on with.
    /// </summary>
    [Parameter]
    public SwitchParameter AsContext { get; set; }

    /// <summary>How many levels of piped data are given to the model; what is deeper is shown as text, and that is said.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int ContextDepth { get; set; } = ContextLimits.DefaultDepth;

    /// <summary>How many characters of piped objects are given to the model; what is beyond is left out, and that is said.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxContextLength { get; set; } = ContextLimits.DefaultLength;

    /// <summary>Writes only the objects of the answer that <c>-OutputSchema</c> asks for, one by one.</summary>
    [Parameter]
    public SwitchParameter OutputOnly { get; set; }

    /// <summary>
    /// Verifies the work when the agent says that it is done, in this session. What it finds wrong is told to the agent, which then works on. It
    /// has passed unless it throws, writes an error, gives <c>$false</c> or a failed Pester run, or ends with an exit code other than 0.
    /// </summary>
    [Parameter]
    public ScriptBlock? Verify { get; set; }

    /// <summary>How often the work is verified at most.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int VerifyLimit { get; set; } = 3;

    /// <summary>Files and folders that the agent must not change, such as the tests that verify its work.</summary>
    [Parameter]
    public string[]? VerifyPath { get; set; }

    /// <summary>How many seconds one verification may take; 0 for no limit. One that takes longer ends the run.</summary>
    [Parameter]
    [Seconds]
    public double VerifyTimeoutSec { get; set; }

    /// <summary>
    /// How often a run is tried again that the service could not serve, by continuing its thread: after <c>ServiceUnreachable</c>, <c>Throttled</c>
    /// and <c>Overloaded</c>.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int RetryLimit { get; set; }

    /// <summary>Allows a retry after a tool that may have changed something.</summary>
    [Parameter]
    public SwitchParameter RetryAfterChange { get; set; }

    /// <summary>Writes only the result of each run.</summary>
    [Parameter]
    public SwitchParameter ResultOnly { get; set; }

    /// <summary>How many of the piped prompts run at a time. By default they run one after the other.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ThrottleLimit { get; set; } = 1;
}
