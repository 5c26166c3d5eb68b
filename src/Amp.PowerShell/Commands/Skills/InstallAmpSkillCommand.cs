using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Installs skills from a folder or a Git repository.</summary>
/// <example>
///   <code>Get-ChildItem ./skills -Directory | Install-AmpSkill -Global</code>
/// </example>
[Cmdlet(VerbsLifecycle.Install, "AmpSkill", SupportsShouldProcess = true, DefaultParameterSetName = SourceSet)]
[OutputType(typeof(AmpSkill))]
public sealed class InstallAmpSkillCommand : ManagementCmdlet
{
    private const string SourceSet = "Source";
    private const string PathSet = "Path";

    /// <summary><c>owner/repository</c>, optionally with a path in it, or the URL of a Git repository.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SourceSet)]
    public string Source { get; set; } = string.Empty;

    /// <summary>A folder that contains <c>SKILL.md</c>, or a folder of such folders.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [Alias("PSPath", "LP")]
    public string LiteralPath { get; set; } = string.Empty;

    /// <summary>The name to install the skill under.</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <summary>The folder to install the skill into. The default is <c>.agents/skills</c> in the working directory.</summary>
    [Parameter]
    public string? Target { get; set; }

    /// <summary>Installs the skill for all projects of the user.</summary>
    [Parameter]
    public SwitchParameter Global { get; set; }

    /// <summary>Replaces an existing skill of the same name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SkillClient client = OrThrow(() => new SkillClient(CliOptions));
        if (!TryWork(() => ParameterSetName == PathSet ? Folder() : Source, out string? source, LiteralPath))
        {
            return;
        }

        SkillInstallOptions options = OrThrow(() => Options(source!));
        if (!ShouldProcess(source, Global ? "Install the skills for all projects" : "Install the skills")
            || !TryFor(token => client.InstallAsync(source!, options, token), source, out SkillInstallation? installation))
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
