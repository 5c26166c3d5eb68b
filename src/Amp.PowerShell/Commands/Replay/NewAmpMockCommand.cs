using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Creates the answer of a mocked agent, for <c>Use-AmpReplay</c>. Nothing is started.</summary>
/// <example>
///   <code>New-AmpMock -Prompt 'list*' -Text 'a.txt, b.txt'</code>
/// </example>
[Cmdlet(VerbsCommon.New, "AmpMock")]
[OutputType(typeof(AmpMock))]
public sealed class NewAmpMockCommand : AmpCmdlet
{
    /// <summary>The prompts that the mock answers, as a pattern with the wildcards <c>*</c> and <c>?</c>. By default, all prompts.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    public string? Prompt { get; set; }

    /// <summary>The final answer.</summary>
    [Parameter(Position = 1)]
    [AllowEmptyString]
    public string? Text { get; set; }

    /// <summary>The model's thinking, for runs with <c>-IncludeThinking</c>.</summary>
    [Parameter]
    public string? Thinking { get; set; }

    /// <summary>
    /// The tools that the agent uses before its answer: hashtables with <c>Name</c> and, optionally, <c>Input</c>, <c>Result</c>, <c>IsError</c>,
    /// <c>Asks</c> and <c>Reason</c>; or names. A tool of the run (<c>-Tool</c>) is called unless you give <c>Result</c>. Other tools are never called.
    /// </summary>
    [Parameter]
    [MockToolUseTransformation]
    public MockToolUse[]? ToolUse { get; set; }

    /// <summary>The tools whose calls are denied, as by a rule: names, or hashtables as for <c>-ToolUse</c>. They come after the calls of <c>-ToolUse</c>.</summary>
    [Parameter]
    [MockToolUseTransformation(IsDenied = true)]
    public MockToolUse[]? Denied { get; set; }

    /// <summary>The structured answer, for runs with <c>-OutputSchema</c>: an object, a hashtable, a list or a value.</summary>
    [Parameter]
    public object? Output { get; set; }

    /// <summary>
    /// The error with which the run fails, in the words of the service, such as <c>429 rate limit exceeded</c>; or <c>MaxTurns</c> for a run that reaches its
    /// maximum number of turns.
    /// </summary>
    [Parameter]
    public string? Fails { get; set; }

    /// <summary>The input tokens that each message of the model reports. The default is 0.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long InputToken { get; set; }

    /// <summary>The output tokens that each message of the model reports. The default is 0.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long OutputToken { get; set; }

    /// <summary>The number of prompts that the mock answers. By default, there is no limit.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Times { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        const string MaxTurns = nameof(ResultOutcome.MaxTurns);
        bool reachesLimit = string.Equals(Fails, MaxTurns, StringComparison.OrdinalIgnoreCase);
        WriteObject(new AmpMock
        {
            Prompt = Prompt,
            Text = Text,
            Thinking = Thinking,
            ToolUses = [.. ToolUse ?? [], .. Denied ?? []],
            Output = OrThrow(() => PlainValue.Of(Output, nameof(Output))),
            Error = reachesLimit ? "The maximum number of turns was reached." : Fails,
            ErrorSubtype = reachesLimit ? "error_max_turns" : "error_during_execution",
            Usage = new TokenUsage(InputToken, OutputToken),
            Times = Times,
        });
    }
}
