using System.Text.RegularExpressions;
using Amp.Testing;

namespace Amp.Sdk.Tests.Reliability;

/// <summary>The page that says which test holds what.</summary>
public sealed partial class TableTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(RepositoryLayout.Root, "docs", "reliability.md"));

    [Fact]
    public void Every_test_that_is_named_is_there()
    {
        string[] named = [.. s_page.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).SelectMany(TestsOf)];
        Assert.InRange(named.Length, 100, 1000);
        Assert.DoesNotContain(named, name => !IsThere(name));
    }

    private static IEnumerable<string> TestsOf(string row) =>
        Quoted().Matches(PlainBar().Split(row)[3]).Select(match => match.Groups[1].Value);

    private static bool IsThere(string name)
    {
        string tests = Path.Combine(RepositoryLayout.Root, "tests");
        if (name.Split(": ", 2) is [string file, string title])
        {
            string script = Path.Combine(tests, "Pester", file + ".Tests.ps1");
            return File.Exists(script) && File.ReadAllText(script).Contains("It '" + title, StringComparison.Ordinal);
        }

        string[] parts = name.Split('.');
        string source = Path.Combine(tests, "Amp.Sdk.Tests", parts[0] + ".cs");
        return File.Exists(source) && (parts.Length == 1 || File.ReadAllText(source).Contains($" {parts[1]}(", StringComparison.Ordinal));
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex PlainBar();
}
