using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>Removes skills and their folders; this cannot be undone. You are prompted for each skill unless you use <c>-Confirm:$false</c>.</summary>
/// <example>
///   <code>Get-AmpSkill old-* | Uninstall-AmpSkill -Confirm:$false</code>
/// </example>
[Cmdlet(VerbsLifecycle.Uninstall, "AmpSkill", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class UninstallAmpSkillCommand : ManagementCmdlet
{
    /// <summary>The full names of the skills.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SkillNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>
    /// The folder that contains the skills, as <c>Get-AmpSkill</c> shows it. The default is <c>.agents/skills</c> in the working directory.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Target { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SkillClient client = OrThrow(() => new SkillClient(CliOptions));
        SeenNames seen = RunspaceState.Current.Seen;
        if (!TryWork(() => string.IsNullOrEmpty(Target) ? null : ResolveFilePath(Target, nameof(Target)), out string? target, Target))
        {
            return;
        }

        foreach (string name in Name)
        {
            if (ShouldProcess(target is null ? name : Path.Combine(target, name), "Remove the skill"))
            {
                TryFor(
                    async token =>
                    {
                        await client.RemoveAsync(name, target, token).ConfigureAwait(false);
                        seen.ForgetSkill(name);
                        return true;
                    },
                    name,
                    out bool _);
            }
        }
    }
}
