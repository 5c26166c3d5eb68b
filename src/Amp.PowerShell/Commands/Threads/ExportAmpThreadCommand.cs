using System.Management.Automation;
using Amp.Clients.Threads;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Writes threads as JSON to the pipeline, or to files with <c>-Path</c> or <c>-LiteralPath</c>. If the path is a folder, each thread gets
/// a file that is named after its title and ID. A file appears only when it is complete.
/// </summary>
/// <example>
///   <code>(Export-AmpThread $run[0].ThreadId | ConvertFrom-Json).messages.Count</code>
/// </example>
[Cmdlet(VerbsData.Export, "AmpThread", SupportsShouldProcess = true, DefaultParameterSetName = ToPipelineSet)]
[OutputType(typeof(string), typeof(FileInfo))]
public sealed class ExportAmpThreadCommand : ThreadExportCmdlet
{
    /// <inheritdoc/>
    protected override string Extension => ".json";

    /// <inheritdoc/>
    protected override Task<string> ExportAsync(string id, CancellationToken cancellationToken) =>
        Client.ExportJsonAsync(id, cancellationToken);

    /// <inheritdoc/>
    protected override string? TitleOf(string text) => ThreadJson.TitleOf(text);
}
