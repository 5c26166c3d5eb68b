using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Gets the skills that come with the CLI, and those of the user and of the working directory. You get a warning for a skill that the CLI
/// cannot read.
/// </summary>
/// <example>
///   <code>Get-AmpSkill | Where-Object -Not IsBuiltIn</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpSkill")]
[OutputType(typeof(AmpSkill))]
public sealed class GetAmpSkillCommand : ManagementCmdlet
{
    private readonly NameFilter _filter = new();

    /// <summary>The names of the skills. Wildcards are allowed. By default, all skills.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SkillNameCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!HasPipedNull(nameof(Name)))
        {
            _filter.Add(Name);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_filter.IsEmpty)
        {
            return;
        }

        SkillClient client = OrThrow(() => new SkillClient(CliOptions));
        SkillList list = WaitOrThrow(client.ListAsync);
        foreach (string fault in list.Faults)
        {
            WriteWarning($"The CLI cannot read a skill: {fault}");
        }

        foreach (AmpSkill skill in list.Skills.Where(skill => _filter.Matches(skill.Name)))
        {
            WriteSeen(skill);
        }

        foreach (string name in _filter.Missing(list.Skills.Select(skill => skill.Name)))
        {
            WriteError(AmpErrorRecord.Of(new AmpValidationException(
                $"There is no skill '{name}'.", nameof(Name), "Run Get-AmpSkill without a name to list all skills of this folder.", name)));
        }
    }
}
