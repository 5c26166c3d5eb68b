using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Lists the rules that say what becomes of the agent's tool calls, in the order in which they are looked at.</summary>
/// <example>
/// <code>Get-AmpPermission | Where-Object Action -EQ Reject</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpPermission", DefaultParameterSetName = UserSet)]
[OutputType(typeof(AmpPermission))]
public sealed class GetAmpPermissionCommand : ManagementCmdlet
{
    private const string UserSet = "User";
    private const string WorkspaceSet = "Workspace";
    private const string BuiltinSet = "Builtin";

    private readonly NameFilter _filter = new();

    /// <summary>The tools whose rules are wanted, by the names or patterns that the rules have; wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ToolPatternCompleter))]
    public string[]? Tool { get; set; }

    /// <summary>The workspace's rules instead of the user's.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WorkspaceSet)]
    public SwitchParameter Workspace { get; set; }

    /// <summary>The rules that are built into the CLI.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BuiltinSet)]
    public SwitchParameter Builtin { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _filter.Add(Tool);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_filter.IsEmpty)
        {
            return;
        }

        IReadOnlyList<AmpPermission> rules = WaitOrThrow(cancellationToken =>
        {
            PermissionClient client = new(CliOptions);
            return Builtin
                ? client.ListBuiltInAsync(cancellationToken)
                : client.ListAsync(Workspace ? SettingsScope.Workspace : SettingsScope.User, cancellationToken);
        });

        // A tool without a rule of its own is no error: what it is asked about stands in rules for others.
        foreach (AmpPermission rule in rules.Where(rule => _filter.Matches(rule.Tool)))
        {
            WriteObject(rule);
        }
    }
}
