using System.Management.Automation;
using System.Text.RegularExpressions;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Writes threads as Markdown, as the CLI formats it, to the pipeline, or to files with <c>-Path</c> or <c>-LiteralPath</c>. If the path is
/// a folder, each thread gets a file that is named after its title and ID.
/// </summary>
/// <example>
///   <code>Get-AmpThread | Where-Object Title -like '*release*' | Export-AmpThreadMarkdown -Path ./threads/</code>
/// </example>
[Cmdlet(VerbsData.Export, "AmpThreadMarkdown", SupportsShouldProcess = true, DefaultParameterSetName = ToPipelineSet)]
[OutputType(typeof(string), typeof(FileInfo))]
public sealed partial class ExportAmpThreadMarkdownCommand : ThreadExportCmdlet
{
    /// <inheritdoc/>
    protected override string Extension => ".md";

    /// <inheritdoc/>
    protected override Task<string> ExportAsync(string id, CancellationToken cancellationToken) =>
        Client.ExportMarkdownAsync(id, cancellationToken);

    /// <inheritdoc/>
    protected override string? TitleOf(string text) => TitlePattern().Match(text) is { Success: true } match ? match.Groups["title"].Value : null;

    // The title is in the front matter, at the beginning of the text.
    [GeneratedRegex(@"\A---\n(?:[a-zA-Z]+: [^\n]*\n)*?title: (?<title>[^\n]*)\n", RegexOptions.CultureInvariant)]
    private static partial Regex TitlePattern();
}
