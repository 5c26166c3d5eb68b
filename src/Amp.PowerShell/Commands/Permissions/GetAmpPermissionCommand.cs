using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Lists the rules that say what becomes of the agent's tool calls, in the order in which they are looked at.</summary>
/// <example>
/// <code>Get-AmpPermission | Where-Object Action -EQ Reject</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpPermission", DefaultParameterSetName = UserSet)]
[OutputType(typeof(Permission))]
public sealed class GetAmpPermissionCommand : ManagementCmdlet
{
    private const string UserSet = "User";
    private const string WorkspaceSet = "Workspace";
    private const string BuiltinSet = "Builtin";

    /// <summary>The tools whose rules are wanted, by the names or patterns that the rules have; wildcards.</summary>
    [Parameter(Position = 0)]
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
    protected override void EndProcessing()
    {
        IReadOnlyList<Permission> rules = WaitOrThrow(cancellationToken =>
        {
            PermissionClient client = new(CliOptions);
            return Builtin
                ? client.ListBuiltInAsync(cancellationToken)
                : client.ListAsync(Workspace ? SettingsScope.Workspace : SettingsScope.User, cancellationToken);
        });
        WildcardPattern[]? patterns = Tool?.Select(tool => WildcardPattern.Get(tool, WildcardOptions.IgnoreCase)).ToArray();
        foreach (Permission rule in rules)
        {
            if (patterns is null || Array.Exists(patterns, pattern => pattern.IsMatch(rule.Tool)))
            {
                WriteObject(rule);
            }
        }
    }
}
