using System.Management.Automation;
using Amp.PowerShell.Commands;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Export;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// The base class of cmdlets that export whole threads. The path is a file, or a folder that gets a file for each thread: an existing folder, or a
/// path that ends with a separator or has no extension.
/// </summary>
public abstract class ThreadExportCmdlet : ExportCmdlet
{
    private readonly PipedThreads _threads;
    private ThreadClient? _client;
    private ExportTarget? _target;

    /// <summary>Creates the cmdlet.</summary>
    protected ThreadExportCmdlet() => _threads = new PipedThreads(this, ProcessThread);

    /// <inheritdoc cref="ThreadCmdlet.ThreadId"/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "SessionId")]
    [ThreadIdTransformation]
    [ArgumentCompleter(typeof(ThreadIdCompleter))]
    public string[] ThreadId { get; set; } = [];

    /// <inheritdoc cref="ThreadCmdlet.RunId"/>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    public string? RunId { get; set; }

    /// <inheritdoc cref="ThreadCmdlet.ErrorId"/>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    public string? ErrorId { get; set; }

    /// <summary>The file to write, or the folder that gets a file for each thread. Without a path, the text goes to the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = PathSet)]
    [SupportsWildcards]
    public override string? Path { get; set; }

    /// <summary>The client that runs the commands.</summary>
    protected ThreadClient Client => _client ??= new ThreadClient(OrThrow(() => CliOptions));

    /// <summary>The file name extension, with its dot.</summary>
    protected abstract string Extension { get; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (OrThrow(ResolveTarget) is string path)
        {
            _target = OrThrow(() => new ExportTarget(path, isFolder: EndsAsFolder(Path ?? LiteralPath!), NoClobber, Force));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _threads.Add(ThreadId, null, RunId);

    /// <inheritdoc/>
    protected override void EndProcessing() => _threads.End();

    /// <summary>Gets the text of a thread.</summary>
    protected abstract Task<string> ExportAsync(string id, CancellationToken cancellationToken);

    /// <summary>Gets the full title from the text.</summary>
    protected abstract string? TitleOf(string text);

    private void ProcessThread(string id, string? title)
    {
        if (_target is null)
        {
            if (TryFor(token => ExportAsync(id, token), id, out string? text))
            {
                WriteObject(text);
            }
        }
        else if (ShouldProcess(_target.Path, $"Export {PipedThreads.NameOf(id, title)}") && TryFor(token => WriteAsync(id, token), id, out FileInfo? file) && PassThru)
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
