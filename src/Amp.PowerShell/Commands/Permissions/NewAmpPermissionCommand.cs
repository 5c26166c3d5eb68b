using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Creates permission rules for the agent's tool calls.</summary>
[Cmdlet(VerbsCommon.New, "AmpPermission", DefaultParameterSetName = RuleSet)]
[OutputType(typeof(AmpPermission))]
public sealed class NewAmpPermissionCommand : AmpCmdlet
{
    private const string RuleSet = "Rule";
    private const string KindSet = "Kind";
    private const string ReadOnlySet = "ReadOnly";
    private const string OtherMatch = "Matches";

    // The properties of a piped object that bind, beside the name of the tool, and those that do not.
    private static readonly string[] s_bound = [nameof(Action), nameof(Match), OtherMatch, nameof(Context), nameof(To), nameof(Message)];
    private static readonly string[] s_ofKinds = [nameof(Kind), nameof(Command), nameof(Path)];

    // Every call has a kind, which is not a limit.
    private static readonly string[] s_calls = ["Amp.ToolDenial", "Amp.ToolUseContent", "Amp.ApprovalRequest"];
    private static readonly string[] s_ofCalls = [nameof(Command), nameof(ToolDenial.Files)];

    // The parameters on the command line. Others are bound for each piped object, by its properties or by a script block.
    private HashSet<string> _given = [];

    /// <summary>The names or patterns of the tools. A rule is created for each.</summary>
    [Parameter(
        Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Alias("Name", "ToolName")]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(ToolPatternCompleter))]
    public string[]? Tool { get; set; }

    /// <summary>The piped object, to find what its rule would lose.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true, ParameterSetName = RuleSet)]
    public PSObject? InputObject { get; set; }

    /// <summary>
    /// The kinds of tools, whatever their names in a build of the CLI. A rule is created for each kind. <c>Shell</c> runs programs,
    /// <c>Read</c> and <c>Search</c> read files and threads, <c>Write</c> writes files, <c>Web</c> calls the web and code hosts, <c>Mcp</c>
    /// calls MCP servers, <c>Agent</c> starts other agents.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = KindSet)]
    public ToolKind[] Kind { get; set; } = [];

    /// <summary>
    /// For the kind Shell: the commands, as a string in which <c>*</c> matches any characters, or as a JavaScript regular expression
    /// <c>/between slashes/</c>. Only the text is compared, and a command can be written in many ways: to prevent commands completely,
    /// reject the kind.
    /// </summary>
    [Parameter(ParameterSetName = KindSet)]
    public string? Command { get; set; }

    /// <summary>
    /// For the kinds Read and Write: the files, as a path in which <c>*</c> matches any characters. A rule that restricts also applies to
    /// other spellings of a path (<c>..</c>, <c>//</c>), and to tools that do not have the file as a single input. Links in the file system
    /// are not resolved. <c>Allow</c> with a path is not possible on Windows, or on a CLI that has <c>apply_patch</c>.
    /// </summary>
    [Parameter(ParameterSetName = KindSet)]
    public string? Path { get; set; }

    /// <summary>The action for a matching call.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = KindSet)]
    public PermissionAction Action { get; set; }

    /// <summary>
    /// The calls that the rule applies to, by the inputs of the tool: strings with <c>*</c>, regular expressions <c>/between slashes/</c>,
    /// numbers, booleans, <c>$null</c>, lists of these, and hashtables for inputs that are objects.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Alias(OtherMatch)]
    [DictionaryTransformation("@{ cmd = 'git *' }")]
    public IDictionary? Match { get; set; }

    /// <summary>The callers that the rule applies to. By default, all callers.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Parameter(ParameterSetName = KindSet)]
    public PermissionContext? Context { get; set; }

    /// <summary>The program that decides, for <c>-Action Delegate</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Parameter(ParameterSetName = KindSet)]
    public string? To { get; set; }

    /// <summary>The text that the model gets, for <c>-Action Reject</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = RuleSet)]
    [Parameter(ParameterSetName = KindSet)]
    public string? Message { get; set; }

    /// <summary>Creates rules that let the agent read files and do nothing else.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ReadOnlySet)]
    public SwitchParameter ReadOnly { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();

        // A script block that PowerShell evaluates for each piped object has no value yet.
        (string Name, object? Value)[] limits = [(nameof(Tool), Tool), (nameof(Match), Match), (nameof(Context), Context), (nameof(To), To), (nameof(Message), Message)];
        _given = [.. limits.Where(limit => limit.Value is not null).Select(limit => limit.Name)];
    }

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

        if (InputObject is not null || MyInvocation.ExpectingInput)
        {
            OrThrow(() => Check(InputObject));
        }

        // An empty list would remove a rule that was meant to apply.
        foreach (string? tool in Tool is { Length: > 0 } ? Tool : [string.Empty])
        {
            WriteObject(OrThrow(() => new AmpPermission(tool!, Action, PlainMatch(), Context, ProgramPath(), GivenMessage())));
        }
    }

    // A rule for some calls must not become a rule for all calls, because a limit of the piped object is null or does not bind.
    private void Check(PSObject? piped)
    {
        PSObject given = piped ?? throw new AmpValidationException("A piped object is $null.", nameof(Tool), "Check the variable that you pipe in.");
        bool hasMatch = given.Properties[nameof(Match)] is not null || given.Properties[OtherMatch] is not null;

        // A script block can return null: -Match { $limits[$_] }. PowerShell keeps what was bound for the next objects.
        if (!_given.Contains(nameof(Match)) && MyInvocation.BoundParameters.Remove(nameof(Match), out object? match) && match is null && !hasMatch)
        {
            throw new AmpValidationException("-Match is $null for a piped object.", nameof(Match), "Check the script block of -Match, or omit it.");
        }

        // A match from elsewhere, such as -Match { @{ cmd = $_.Command } }, replaces the limits of the object.
        if (Match is null || hasMatch)
        {
            RefuseLimits(given, Action);
        }

        // A rule, also a stored one, has all of these properties.
        (string Name, bool IsNull)[] limits =
        [
            (nameof(Match), Match is null),
            (OtherMatch, Match is null),
            (nameof(Context), Context is null),
            (nameof(To), string.IsNullOrEmpty(To)),
        ];
        if (given.Properties[nameof(AmpPermission.AdditionalProperties)] is null
            && limits.Where(limit => limit.IsNull && given.Properties[limit.Name] is PSPropertyInfo { Value: null }).Select(limit => limit.Name).FirstOrDefault() is string missing)
        {
            throw new AmpValidationException($"A piped object has a '{missing}' that is $null.", missing, "Check the variable name, or omit the property.");
        }

        bool isUsed = Match is not null || IsPiped(nameof(Context), Context) || IsPiped(nameof(To), To) || IsPiped(nameof(Message), Message);
        if (_given.Contains(nameof(Tool)) && !isUsed && !Array.Exists(s_bound, name => given.Properties[name] is not null))
        {
            throw new AmpValidationException(
                "A piped object has no property of a rule.", nameof(Tool), "Omit -Tool to pipe in the names of tools, or use -Match to limit the rule.");
        }
    }

    private static void RefuseLimits(PSObject given, PermissionAction action)
    {
        if (given.TypeNames.Any(name => Array.Exists(s_calls, call => name == call || name == "Deserialized." + call)))
        {
            if (action != PermissionAction.Reject && Array.Find(s_ofCalls, name => LanguagePrimitives.IsTrue(given.Properties[name]?.Value)) is string ofCall)
            {
                throw new AmpValidationException(
                    $"A piped call has '{ofCall}', but its rule would apply to all calls of the tool.",
                    ofCall,
                    "Use -Match to limit the rule. To create a rule for all calls, pipe in the name of the tool, such as $result.Denials.Tool.");
            }
        }
        else if (Array.Find(s_ofKinds, name => given.Properties[name]?.Value?.ToString() is { Length: > 0 }) is string ofKind)
        {
            throw new AmpValidationException(
                $"A piped object has a '{ofKind}', which is not used for a rule that names its tool.",
                ofKind,
                "Use the parameters -Kind, -Command and -Path, or give a hashtable with a 'kind' to -Permission. To create a rule for a tool, pipe in its name.");
        }
    }

    private bool IsPiped(string parameter, object? value) => value is not null && !_given.Contains(parameter);

    private IDictionary? PlainMatch() => (IDictionary?)PlainValue.Of(Match, nameof(Match));

    // A rule for some calls must not become a rule for all calls because a variable was empty.
    private string? GivenText(string parameter) => MyInvocation.BoundParameters.TryGetValue(parameter, out object? text) ? text as string ?? string.Empty : null;

    private string? GivenMessage() => Message is { Length: 0 } ? null : Message;

    // PowerShell converts null to an empty string. The rule itself reports an invalid path.
    private string? ProgramPath() => To switch
    {
        null => null,
        string path when string.IsNullOrWhiteSpace(path) => Action == PermissionAction.Delegate ? path : null,
        string path when path.Any(char.IsControl) => path,
        string path => ResolveFilePath(path, nameof(To)),
    };
}
