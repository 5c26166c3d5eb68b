using System.Text.RegularExpressions;
using Amp.Testing;

namespace Amp.Sdk.Tests;

/// <summary>
/// Holds the rules of style of <c>.editorconfig</c>. At the analysis level of .NET 8, a build checks them but reports none of them, whatever their severity,
/// and the analyzers, which cannot be turned off one by one, take a sixth of the build's time. They are off (EnforceCodeStyleInBuild).
/// </summary>
public sealed partial class CodeStyleTests
{
    private static readonly Lazy<(string Name, string[] Lines)[]> s_files = new(() => [.. ((string[])["src", "bench", "examples", "tests", "tools"]).SelectMany(SourceFiles)]);

    [Fact]
    public void A_namespace_is_the_whole_file_and_follows_the_usings()
    {
        Assert.Empty(LinesWith(line => BlockNamespace().IsMatch(line)));
        Assert.Empty(s_files.Value.Where(file =>
            Array.FindIndex(file.Lines, line => line.StartsWith("namespace ", StringComparison.Ordinal)) is >= 0 and int start
            && file.Lines.AsSpan(start).ToArray().Any(line => line.StartsWith("using ", StringComparison.Ordinal))).Select(file => file.Name));
    }

    [Fact]
    public void The_name_of_a_private_field_begins_with_an_underscore_or_with_s() => Assert.Empty(LinesWith(line =>
        PrivateField().Match(line) is { Success: true } field
        && !field.Groups["name"].Value.StartsWith(field.Groups["static"].Success ? "s_" : "_", StringComparison.Ordinal)));

    [Fact]
    public void The_name_of_a_constant_begins_with_a_capital() => Assert.Empty(LinesWith(line => LowerConstant().IsMatch(line)));

    [Theory]
    [InlineData("    private int count;", true)]
    [InlineData("    private readonly Dictionary<string, int?> _count = [];", true)]
    [InlineData("    private static readonly string[] s_names =", true)]
    [InlineData("    private static string NameOf(int x) => x.ToString();", false)]
    [InlineData("    private string Name => _name;", false)]
    [InlineData("    private string Name { get; } = string.Empty;", false)]
    [InlineData("    private const int Most = 5;", false)]
    [InlineData("    private sealed class Other : Exception;", false)]
    public void A_field_is_told_from_other_members(string line, bool isField) => Assert.Equal(isField, PrivateField().IsMatch(line));

    private static string[] LinesWith(Func<string, bool> isWrong) => [.. s_files.Value.SelectMany(file => file.Lines.Where(isWrong).Select(line => $"{file.Name}: {line.Trim()}"))];

    private static IEnumerable<(string Name, string[] Lines)> SourceFiles(string folder)
    {
        string root = Path.Combine(RepositoryLayout.Root, folder);
        (string, string[])[] files = [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(RepositoryLayout.Root, file).Replace('\\', '/'))
            // PowerShell compiles those of the Pester suite itself.
            .Where(name => !NotOurs().IsMatch(name))
            .Select(name => (name, File.ReadAllLines(Path.Combine(RepositoryLayout.Root, name))))];
        Assert.NotEmpty(files);
        return files;
    }

    [GeneratedRegex("/(?:bin|obj|node_modules)/|^tests/Pester/")]
    private static partial Regex NotOurs();

    [GeneratedRegex(@"^namespace [\w.]+\s*\{?$")]
    private static partial Regex BlockNamespace();

    [GeneratedRegex(@"^ {4,}private (?<static>static )?(?!const |event |class |sealed |abstract |record |struct |enum )(?:readonly |volatile )?[^\s=({][^=({]*? (?<name>\w+)(?: =(?!>).*|;)$")]
    private static partial Regex PrivateField();

    [GeneratedRegex(@"^\s+(?:(?:private|internal|public) )?const [\w.?]+ [a-z]\w* =")]
    private static partial Regex LowerConstant();
}
