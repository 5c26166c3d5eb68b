using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>The base class of cmdlets that export text, to the pipeline or to files: the path, and what happens to existing files.</summary>
public abstract class ExportCmdlet : ManagementCmdlet
{
    /// <summary>The parameter set without a path.</summary>
    protected const string ToPipelineSet = "ToPipeline";

    /// <summary>The parameter set with a path that can contain wildcards.</summary>
    protected const string PathSet = "Path";

    private const string LiteralPathSet = "LiteralPath";

    /// <summary>The file to write. Without a path, the text goes to the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [SupportsWildcards]
    public virtual string? Path { get; set; }

    /// <summary>Like <c>-Path</c>, but without wildcards: every character is used literally.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    public string? LiteralPath { get; set; }

    /// <summary>Writes an error instead of replacing an existing file.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Also replaces read-only files.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the created files to the pipeline.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter PassThru { get; set; }

    /// <summary>The full path to write; null for the pipeline.</summary>
    /// <exception cref="AmpValidationException">The path is not in the file system, or its wildcards match no or several paths.</exception>
    private protected string? ResolveTarget() => Path is not null ? ResolveOutputPath(Path, nameof(Path))
        : LiteralPath is not null ? ResolveFilePath(LiteralPath, nameof(LiteralPath))
        : null;
}
