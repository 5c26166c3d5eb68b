using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Installs the skills of a folder or of a Git repository.</summary>
/// <example>
///   <code>Get-ChildItem ./skills -Directory | Install-AmpSkill -Global</code>
/// </example>
[Cmdlet(VerbsLifecycle.Install, "AmpSkill", SupportsShouldProcess = true, DefaultParameterSetName = SourceSet)]
[OutputType(typeof(AmpSkill))]
public sealed class InstallAmpSkillCommand : ManagementCmdlet
{
    private const string SourceSet = "Source";
    private const string PathSet = "Path";

    /// <summary><c>owner/repository</c> with an optional path in it, or the URL of a Git repository.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SourceSet)]
    public string Source { get; set; } = string.Empty;

    /// <summary>A folder with a <c>SKILL.md</c>, or one whose folders have one each.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [Alias("PSPath", "LP")]
    public string LiteralPath { get; set; } = string.Empty;

    /// <summary>The name that the skill gets here.</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <summary>The folder of skills to install into; by default <c>.agents/skills</c> of the working directory.</summary>
    [Parameter]
    public string? Target { get; set; }

    /// <summary>Installs for all projects of the user.</summary>
    [Parameter]
    public SwitchParameter Global { get; set; }

    /// <summary>Replaces a skill of the same name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SkillClient client = OrThrow(() => new SkillClient(CliOptions));
        string source = OrThrow(() => ParameterSetName == PathSet ? Folder() : Source);
        SkillInstallOptions options = OrThrow(() => Options(source));
        if (!ShouldProcess(source, Global ? "Install the skills for all projects" : "Install the skills")
            || !TryFor(token => client.InstallAsync(source, options, token), source, out SkillInstallation? installation))
        {
            return;
        }

        WriteObject(installation!.Skills, enumerateCollection: true);
        foreach (string fault in installation.Faults)
        {
            WriteError(AmpErrorRecord.Of(new AmpProcessException(
                fault, AmpErrorId.CliFailed, "Use -Force to replace an existing skill, or -Name to install it under another name."), source));
        }
    }

    private SkillInstallOptions Options(string source)
    {
        SkillInstallOptions options = new()
        {
            Name = Name,
            Target = Target is null ? null : ResolveFilePath(Target, nameof(Target)),
            Global = Global,
            Overwrite = Force,
        };
        SkillClient.CheckInstallation(source, options);
        return options;
    }

    private string Folder()
    {
        string path = ResolveFilePath(LiteralPath, nameof(LiteralPath));
        return Directory.Exists(path)
            ? path
            : throw new AmpValidationException(
                $"The folder '{path}' does not exist.", nameof(LiteralPath), "Give the folder that contains SKILL.md.", path);
    }
}
