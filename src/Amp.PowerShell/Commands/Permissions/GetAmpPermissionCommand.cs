using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Gets the permission rules for the agent's tool calls, in the order in which they apply.</summary>
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

    /// <summary>Gets the rules for these tools, by the tool names or patterns in the rules. Wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ToolPatternCompleter))]
    public string[]? Tool { get; set; }

    /// <summary>Gets the rules of the workspace settings instead of the user settings.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WorkspaceSet)]
    public SwitchParameter Workspace { get; set; }

    /// <summary>Gets the built-in rules of the CLI.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BuiltinSet)]
    public SwitchParameter Builtin { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!HasPipedNull(nameof(Tool)))
        {
            _filter.Add(Tool);
        }
    }

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

        // A tool without its own rule is not an error: rules for other names may apply to it.
        foreach (AmpPermission rule in rules.Where(rule => _filter.Matches(rule.Tool)))
        {
            WriteObject(rule);
        }
    }
}
