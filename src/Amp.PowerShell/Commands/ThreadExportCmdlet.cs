using System.Management.Automation;
using Amp.PowerShell.Export;

namespace Amp.PowerShell.Pipeline;

/// <summary>The base class of cmdlets that export whole threads, to the pipeline or to files.</summary>
public abstract class ThreadExportCmdlet : ThreadCmdlet
{
    /// <summary>The parameter set without a path.</summary>
    protected const string ToPipelineSet = "ToPipeline";

    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    private ExportTarget? _target;

    /// <summary>
    /// The file to write, or a folder that gets a file for each thread. A folder is an existing one, or a path that ends with a separator
    /// or has no extension. Without a path, the text goes to the pipeline.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = PathSet)]
    [SupportsWildcards]
    public string? Path { get; set; }

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

    /// <summary>The file name extension, with its dot.</summary>
    protected abstract string Extension { get; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        string? path = OrThrow(() => Path is not null ? ResolveOutputPath(Path, nameof(Path)) : LiteralPath is not null ? ResolveFilePath(LiteralPath, nameof(LiteralPath)) : null);
        if (path is not null)
        {
            _target = OrThrow(() => new ExportTarget(path, isFolder: EndsAsFolder(Path ?? LiteralPath!), NoClobber, Force));
        }
    }

    /// <summary>Gets the text of a thread.</summary>
    protected abstract Task<string> ExportAsync(string id, CancellationToken cancellationToken);

    /// <summary>Gets the full title from the text.</summary>
    protected abstract string? TitleOf(string text);

    /// <inheritdoc/>
    protected override void ProcessThread(string id, string? title)
    {
        if (_target is null)
        {
            if (TryFor(token => ExportAsync(id, token), id, out string? text))
            {
                WriteObject(text);
            }
        }
        else if (ShouldProcess(_target.Path, $"Export {NameOf(id, title)}") && TryFor(token => WriteAsync(id, token), id, out FileInfo? file) && PassThru)
        {
            WriteObject(file);
        }
    }

    private async Task<FileInfo> WriteAsync(string id, CancellationToken cancellationToken)
    {
        _target!.CheckNext();
        string text = await ExportAsync(id, cancellationToken).ConfigureAwait(false);
        return _target.Write(id, TitleOf(text), Extension, text);
    }

    private static bool EndsAsFolder(string path) =>
        path[^1] == System.IO.Path.DirectorySeparatorChar || path[^1] == System.IO.Path.AltDirectorySeparatorChar || path[^1] == '\\';
}
