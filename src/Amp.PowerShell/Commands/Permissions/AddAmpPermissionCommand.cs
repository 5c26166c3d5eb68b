using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Adds all rules to the settings file, or none if one of them is invalid. New rules come before the existing ones, or after them with
/// <c>-Append</c>. Comments in the file are kept. The file is replaced in one step, so a CLI never reads an incomplete file.
/// </summary>
/// <example>
/// <code>New-AmpPermission Bash Reject -Match @{ cmd = 'rm *' } | Add-AmpPermission</code>
/// </example>
[Cmdlet(VerbsCommon.Add, "AmpPermission", SupportsShouldProcess = true)]
[OutputType(typeof(AmpPermission))]
public sealed class AddAmpPermissionCommand : ManagementCmdlet
{
    private readonly List<AmpPermission> _rules = [];

    /// <summary>
    /// The rules, from <c>New-AmpPermission</c> or as hashtables of the same shape, in the order in which they apply. Either all of them are added, or none.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("InputObject")]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? Permission { get; set; }

    /// <summary>Adds the rules after the existing ones. By default, they are added before them.</summary>
    [Parameter]
    public SwitchParameter Append { get; set; }

    /// <summary>Adds the rules to the workspace settings, for everyone who works in that folder.</summary>
    [Parameter]
    public SwitchParameter Workspace { get; set; }

    /// <summary>Writes the added rules to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => OrThrow(() => _rules.AddRange(PermissionTransformationAttribute.Read(SessionState, Permission, _rules.Count)));

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
