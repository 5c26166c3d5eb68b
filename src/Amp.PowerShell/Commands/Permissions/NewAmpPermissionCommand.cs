using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Makes rules that say what becomes of the agent's tool calls.</summary>
[Cmdlet(VerbsCommon.New, "AmpPermission", DefaultParameterSetName = RuleSet)]
[OutputType(typeof(AmpPermission))]
public sealed class NewAmpPermissionCommand : AmpCmdlet
{
    private const string RuleSet = "Rule";
    private const string KindSet = "Kind";
    private const string ReadOnlySet = "ReadOnly";

    /// <summary>The tools, by names or patterns; a rule is made for each.</summary>
    [Parameter(
        Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Alias("Name", "ToolName")]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(ToolPatternCompleter))]
    public string[]? Tool { get; set; }

    /// <summary>The kinds of tools, whatever a build of the CLI calls them; a rule is made for each.</summary>
    [Parameter(Mandatory = true, ParameterSetName = KindSet)]
    public ToolKind[] Kind { get; set; } = [];

    /// <summary>Which commands of shells: a text with <c>*</c>, or a regular expression <c>/between slashes/</c>.</summary>
    [Parameter(ParameterSetName = KindSet)]
    public string? Command { get; set; }

    /// <summary>Which files, for the kinds Read and Write: a path with <c>*</c>.</summary>
    [Parameter(ParameterSetName = KindSet)]
    public string? Path { get; set; }

    /// <summary>What becomes of a call.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = KindSet)]
    public PermissionAction Action { get; set; }

    /// <summary>
    /// Which calls, by the tool's inputs: texts with <c>*</c>, regular expressions <c>/between slashes/</c>, numbers, booleans,
    /// <c>$null</c>, lists of these, hashtables for inputs that are objects.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Alias("Matches")]
    [DictionaryTransformation("@{ cmd = 'git *' }")]
    public IDictionary? Match { get; set; }

    /// <summary>Whose calls; by default everybody's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Parameter(ParameterSetName = KindSet)]
    public PermissionContext? Context { get; set; }

    /// <summary>The program that decides, for <c>-Action Delegate</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Parameter(ParameterSetName = KindSet)]
    public string? To { get; set; }

    /// <summary>What the model is told, for <c>-Action Reject</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Parameter(ParameterSetName = KindSet)]
    public string? Message { get; set; }

    /// <summary>Makes the rules under which the agent can look at files and at nothing else.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ReadOnlySet)]
    public SwitchParameter ReadOnly { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ReadOnlySet)
        {
            if (ReadOnly)
            {
                WriteObject(AmpPermission.ReadOnlyPreset, enumerateCollection: true);
            }

            return;
        }

        if (ParameterSetName == KindSet)
        {
            foreach (ToolKind kind in Kind)
            {
                WriteObject(OrThrow(() => AmpPermission.ForKind(kind, Action, GivenText(nameof(Command)), GivenText(nameof(Path)), Context, ProgramPath(), GivenMessage())));
            }

            return;
        }

        // A list with nothing in it would leave out a rule that was meant to hold.
        foreach (string? tool in Tool is { Length: > 0 } ? Tool : [string.Empty])
        {
            WriteObject(OrThrow(() => new AmpPermission(tool!, Action, PlainMatch(), Context, ProgramPath(), GivenMessage())));
        }
    }

    private IDictionary? PlainMatch() => (IDictionary?)PlainValue.Of(Match, nameof(Match));

    // A rule for some calls must not become one for all because a variable was empty.
    private string? GivenText(string parameter) => MyInvocation.BoundParameters.TryGetValue(parameter, out object? text) ? text as string ?? string.Empty : null;

    private string? GivenMessage() => Message is { Length: 0 } ? null : Message;

    // A null of PowerShell's comes as an empty text. What is no path at all is left to the rule, which says what is wrong with it.
    private string? ProgramPath() => To switch
    {
        null => null,
        string path when string.IsNullOrWhiteSpace(path) => Action == PermissionAction.Delegate ? path : null,
        string path when path.Any(char.IsControl) => path,
        string path => ResolveFilePath(path, nameof(To)),
    };
}
