using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Adds rules to the user's or the workspace's settings; comments in the file stay.</summary>
/// <example>
/// <code>New-AmpPermission Bash Reject -Match @{ cmd = 'rm *' } | Add-AmpPermission</code>
/// </example>
[Cmdlet(VerbsCommon.Add, "AmpPermission", SupportsShouldProcess = true)]
[OutputType(typeof(AmpPermission))]
public sealed class AddAmpPermissionCommand : ManagementCmdlet
{
    private readonly List<AmpPermission> _rules = [];

    /// <summary>The rules, in the order in which they are to stand. All are added at once, or none.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("InputObject")]
    [PermissionTransformation]
    public AmpPermission[] Permission { get; set; } = [];

    /// <summary>Adds the rules after the existing ones. By default, they are added before them.</summary>
    [Parameter]
    public SwitchParameter Append { get; set; }

    /// <summary>Adds them to the workspace settings, for everyone who works in that folder.</summary>
    [Parameter]
    public SwitchParameter Workspace { get; set; }

    /// <summary>Writes the rules to the pipeline when they have been added.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _rules.AddRange(Permission);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        SettingsScope scope = Workspace ? SettingsScope.Workspace : SettingsScope.User;
        PermissionClient client = OrThrow(() => new PermissionClient(CliOptions));
        string target = OrThrow(() => client.SettingsPath(scope));
        string what = string.Join(", ", _rules.Select(rule => rule.ToJson()));
        if (_rules.Count == 0 || !ShouldProcess(target, $"Add {(_rules.Count == 1 ? "rule" : "rules")} {what}"))
        {
            return;
        }

        WaitOrThrow(async cancellationToken =>
        {
            await client.AddAsync(_rules, Append, scope, cancellationToken).ConfigureAwait(false);
            return true;
        });
        if (PassThru)
        {
            WriteObject(_rules, enumerateCollection: true);
        }
    }
}
