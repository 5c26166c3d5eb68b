using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Asks the CLI's own rules what would become of a tool call. The tool does not run.</summary>
/// <example>
/// <code>Test-AmpPermission Bash @{ cmd = 'git status' }</code>
/// </example>
/// <example>
/// <code>(Test-AmpPermission Bash @{ cmd = 'rm -rf /' } -Permission $rules).Action | Should -Be Reject</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "AmpPermission")]
[OutputType(typeof(PermissionDecision))]
public sealed class TestAmpPermissionCommand : ManagementCmdlet
{
    /// <summary>The tools, each asked about by itself.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "ToolName")]
    [ArgumentCompleter(typeof(ToolNameCompleter))]
    public string[] Tool { get; set; } = [];

    /// <summary>
    /// The inputs of the call. Other users of the machine can see them while the CLI is asked. It can be asked about texts only: other
    /// values are left out, unless a rule looks at them, which is an error.
    /// </summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Input")]
    [DictionaryTransformation("@{ cmd = 'uptime' }")]
    public IDictionary? Argument { get; set; }

    /// <summary>The rules to ask about instead of those of the settings. Nothing is written to the user's files.</summary>
    [Parameter]
    [AllowEmptyCollection]
    [PermissionTransformation]
    public AmpPermission[]? Permission { get; set; }

    /// <summary>Whose call; by default the agent's own.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public PermissionContext Context { get; set; } = PermissionContext.Thread;

    /// <summary>Asks about the workspace's rules instead of the user's.</summary>
    [Parameter]
    public SwitchParameter Workspace { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        PermissionClient client = OrThrow(() => new PermissionClient(CliOptions));
        IDictionary? argument = OrThrow(() => (IDictionary?)PlainValue.Of(Argument, nameof(Argument)));
        SettingsScope scope = Workspace ? SettingsScope.Workspace : SettingsScope.User;
        foreach (string tool in Tool)
        {
            if (TryFor(token => client.TestAsync(tool, argument, Permission, Context, scope, token), tool, out PermissionDecision? decision))
            {
                WriteObject(decision);
            }
        }
    }
}
