using System.Management.Automation;
using System.Text;
using Amp.Files;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Export;
using Amp.PowerShell.Pipeline;
using Amp.Records;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Creates a report of runs, as an HTML page in a single file or as Markdown. The runs come from transcripts, from messages or results, or from threads.
/// </summary>
/// <example>
///   <code>Export-AmpReport ./report.html -TranscriptPath ./runs/</code>
/// </example>
[Cmdlet(VerbsData.Export, "AmpReport", SupportsShouldProcess = true, DefaultParameterSetName = ToPipelineSet)]
[OutputType(typeof(string), typeof(FileInfo))]
public sealed class ExportAmpReportCommand : ExportCmdlet
{
    private static readonly string[] s_markdownEndings = [".md", ".markdown"];

    private string? _path;
    private string? _target;
    private bool _isWanted;
    private bool _hasFailed;
    private ReportWriter? _report;

    /// <summary>
    /// Messages or results of runs, transcripts as files or paths, or threads from <c>Get-AmpThread</c>, which are exported with the CLI.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Transcripts, saved output of <c>amp --stream-json</c>, exported threads, or folders with such files.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? TranscriptPath { get; set; }

    /// <summary>The format. By default, the file name extension determines the format. Without a path, it is HTML.</summary>
    [Parameter]
    public ReportFormat As { get; set; }

    /// <summary>How much the report contains: everything, or only the summary and the texts of the conversation.</summary>
    [Parameter]
    public ReportDetail Detail { get; set; }

    /// <summary>The title of the report. The default is the title or prompt of the run, or the number of runs.</summary>
    [Parameter]
    public string? Title { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();

        // Whoever pipes in a run wants to know before it starts that its report cannot be written.
        OrThrow(() =>
        {
            _path = ResolveTarget();
            if (_path is not null)
            {
                ExportFile.Check(_path, NoClobber, Force);
                ExportFile.CheckFolder(_path);
                _target = RealPath.Of(_path);
            }
        });
        bool isMarkdown = MyInvocation.BoundParameters.ContainsKey(nameof(As))
            ? As == ReportFormat.Markdown
            : _path is not null && s_markdownEndings.Contains(System.IO.Path.GetExtension(_path), StringComparer.OrdinalIgnoreCase);
        _isWanted = _path is null || ShouldProcess(_path, "Export a report");
        _report = new ReportWriter(
            new ReportOptions { Format = isMarkdown ? ReportFormat.Markdown : ReportFormat.Html, Detail = Detail, Title = Title },
            new CliOptions { Environment = EnvironmentParameter.ToDictionary(Environment), ApiKey = ApiKey });
        foreach (string given in _isWanted ? TranscriptPath ?? [] : [])
        {
            AddFiles(given, nameof(TranscriptPath), isLiteral: false);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!_isWanted || (InputObject is null && !MyInvocation.ExpectingInput))
        {
            return;
        }

        if (PipedMessage.TryRead(InputObject, out StreamMessage? message, out UsageOrigin origin))
        {
            Succeeds(TryWork(
                () =>
                {
                    _report!.Add(message, origin);
                    return true;
                },
                out _,
                message));
        }
        else if (InputObject?.BaseObject is FileSystemInfo file)
        {
            AddFiles(file.FullName, nameof(InputObject), isLiteral: true);
        }
        else if (InputObject?.BaseObject is string path)
        {
            AddFiles(path, nameof(InputObject), isLiteral: false);
        }
        else if (InputObject is not null && InputObject.TypeNames.Any(name => name is "Amp.AmpThread" or "Deserialized.Amp.AmpThread") && InputObject.Properties["Id"]?.Value is string id)
        {
            Succeeds(TryFor(
                async token =>
                {
                    _report!.AddThread(await new ThreadClient(CliOptions).ExportJsonAsync(id, token).ConfigureAwait(false));
                    return true;
                },
                id,
                out _));
        }
        else
        {
            _hasFailed = true;
            WriteError(AmpErrorRecord.Of(new AmpValidationException(
                InputObject is null ? "A piped object is null." : $"An object of type {InputObject.BaseObject.GetType()} is not a message, a transcript or a thread.",
                nameof(InputObject),
                "Pipe in the messages or results of Invoke-AmpAgent or Import-AmpTranscript, files, or threads from Get-AmpThread.",
                InputObject?.BaseObject)));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!_isWanted)
        {
            return;
        }

        if (_report!.RunCount == 0)
        {
            // What was wrong with the input is said already.
            if (!_hasFailed)
            {
                WriteError(AmpErrorRecord.Of(new AmpValidationException(
                    "There is no run to report.", nameof(InputObject), "Use -TranscriptPath, or pipe in messages, files or threads.")));
            }

            return;
        }

        if (_path is null)
        {
            using MemoryStream text = new();
            OrThrow(() => _report.WriteTo(text));
            WriteObject(Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length));
        }
        else
        {
            OrThrow(() => _report.CheckTarget(_path));
            OrThrow(() => ExportFile.Write(_path, _report.WriteTo, NoClobber, Force, WholeFile.OwnerOnly));
            if (PassThru)
            {
                WriteObject(new FileInfo(_path));
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _report?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void AddFiles(string given, string parameterName, bool isLiteral)
    {
        if (!Succeeds(TryWork(() => FindTranscripts(given, parameterName, isLiteral), out string[]? files, given)))
        {
            return;
        }

        foreach (string file in files!)
        {
            if (Succeeds(TryFor(token => _report!.AddTranscriptAsync(file, token), file, out IReadOnlyList<AmpJsonException>? errors)))
            {
                foreach (AmpJsonException error in errors!)
                {
                    WriteError(AmpErrorRecord.Of(error, file));
                }

                // All files are compared again before the report is written.
                if (_target is not null)
                {
                    OrThrow(() => ReportWriter.RefuseInput(_path!, _target, file));
                }
            }
        }
    }

    private bool Succeeds(bool isDone)
    {
        _hasFailed |= !isDone;
        return isDone;
    }
}
