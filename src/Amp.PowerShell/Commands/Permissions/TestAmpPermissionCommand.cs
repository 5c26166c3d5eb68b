using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Asks the rule engine of the CLI, with the rules of the settings or of <c>-Permission</c>. The tool does not run, and none of your files
/// are written. Only string inputs can be tested.
/// </summary>
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
    /// <summary>The tools. Each is tested separately.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "ToolName")]
    [ArgumentCompleter(typeof(ToolNameCompleter))]
    public string[] Tool { get; set; } = [];

    /// <summary>
    /// The inputs of the call. Other users of the machine can see them while the CLI runs. Only strings can be tested: other values are
    /// omitted, unless a rule uses them, which is an error.
    /// </summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Input")]
    [DictionaryTransformation("@{ cmd = 'uptime' }")]
    public IDictionary? Argument { get; set; }

    /// <summary>The rules to test instead of those in the settings. None of your files are written.</summary>
    [Parameter]
    [AllowEmptyCollection]
    [PermissionTransformation]
    public AmpPermission[]? Permission { get; set; }

    /// <summary>The caller. By default, the agent itself.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public PermissionContext Context { get; set; } = PermissionContext.Thread;

    /// <summary>Tests the rules of the workspace settings instead of the user settings.</summary>
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
