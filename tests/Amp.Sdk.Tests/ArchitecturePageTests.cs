using System.Text.RegularExpressions;
using Amp.Sdk.Tests.Levels;
using Amp.Testing;

namespace Amp.Sdk.Tests;

/// <summary>Holds the list of folders in docs/architecture.md to what is there.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string[] s_named = [.. FolderRow()
        .Matches(File.ReadAllText(Path.Combine(RepositoryLayout.Root, "docs", "architecture.md")))
        .SelectMany(row => WholeNames([.. InsideBackticks().Matches(row.Groups["folders"].Value).Select(match => match.Groups[1].Value)]))];

    [Fact]
    public void Every_folder_that_the_page_names_is_there()
    {
        Assert.True(s_named.Length > 20);
        Assert.All(s_named, name => Assert.True(Directory.Exists(Path.Combine(RepositoryLayout.Root, name)), name));
    }

    [Theory]
    [InlineData("src/Amp.Sdk")]
    [InlineData("src/Amp.PowerShell")]
    public void Every_folder_of_a_layer_is_on_the_page(string layer)
    {
        string[] folders = [.. Directory.GetDirectories(Path.Combine(RepositoryLayout.Root, layer)).Select(folder => Path.GetFileName(folder)!)
            .Where(name => name is not "bin" and not "obj").Select(name => $"{layer}/{name}")];
        Assert.True(folders.Length > 5);
        Assert.Empty(folders.Except(s_named));
    }

    [Theory]
    [InlineData("Amp.Sdk")]
    [InlineData("Amp.PowerShell")]
    public void The_page_lists_the_folders_from_the_top_down(string layer)
    {
        CompiledProject project = CompiledProject.Read(RepositoryLayout.BuiltLibrary(layer), $"src/{layer}");
        Assert.NotEmpty(project.References);
        Assert.All(project.References, reference => Assert.True(
            Place(project.Files[reference.From]) <= Place(project.Files[reference.To]), $"{reference.From} uses {reference.To}, which stands above it."));

        int Place(IReadOnlyCollection<string> files) => Array.IndexOf(s_named, $"src/{layer}/{files.First().Split('/')[0]}");
    }

    // "`src/Amp.Sdk/Permissions`, `Mcp`": the second lies beside the first.
    private static IEnumerable<string> WholeNames(string[] names) =>
        names.Select(name => name.Contains('/', StringComparison.Ordinal) || name == names[0] ? name : $"{names[0][..names[0].LastIndexOf('/')]}/{name}");

    [GeneratedRegex(@"^\| (?<folders>`(?:src|tests|bench|tools)[^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex FolderRow();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex InsideBackticks();
}
