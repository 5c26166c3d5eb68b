using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Lists the skills that the agent has here; one that the CLI cannot read is a warning.</summary>
/// <example>
///   <code>Get-AmpSkill | Where-Object -Not IsBuiltIn</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpSkill")]
[OutputType(typeof(AmpSkill))]
public sealed class GetAmpSkillCommand : ManagementCmdlet
{
    /// <summary>The skills, by name or with wildcards; all by default.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SkillNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        SkillClient client = OrThrow(() => new SkillClient(CliOptions));
        SkillList list = WaitOrThrow(client.ListAsync);
        foreach (string fault in list.Faults)
        {
            WriteWarning($"The CLI cannot read a skill: {fault}");
        }

        foreach (string name in Name)
        {
            WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
            AmpSkill[] found = [.. list.Skills.Where(skill => pattern.IsMatch(skill.Name))];
            Array.ForEach(found, WriteSeen);
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(AmpErrorRecord.Of(new AmpValidationException(
                    $"There is no skill '{name}'.", nameof(Name), "Get-AmpSkill without a name lists all of this folder.", name)));
            }
        }
    }
}
