using Amp.Permissions;

namespace Amp.Sdk.Tests.Permissions;

/// <summary>
/// A regular expression that JavaScript does not compile makes the CLI skip all rules, also a reject for everything; so it is read
/// as JavaScript reads it, beforehand.
/// </summary>
public sealed class RegularExpressionTests
{
    [Theory]
    [InlineData("^git (push|pull)\\b")]
    [InlineData("a{2}b{2,}c{1,3}?d*?e+?f??")]
    [InlineData("{a}{,2}a{x}]")]
    [InlineData("(?:a)(?=b)*(?!c)(?<=d)(?<!e)(?<name>f)\\k<name>\\1\\8")]
    [InlineData("[]a][^]x[\\]\\-a-z0-9_.-][\\w-z][\\b]")]
    [InlineData("\\d\\D\\w\\W\\s\\S\\b\\B\\n\\r\\t\\v\\f\\0\\cA\\x41\\u0041")]
    [InlineData("\\.\\/\\*\\(\\)\\[\\]\\{\\}\\^\\$\\|\\\\\\ ")]
    [InlineData("ä€𝄞\n")]
    [InlineData("")]
    [InlineData("|")]
    public void What_JavaScript_compiles_is_accepted(string pattern) => Assert.Null(JavaScriptPattern.FirstError(pattern));

    [Theory]
    [InlineData("(a", "'(' is not closed")]
    [InlineData("a)", "')' closes nothing")]
    [InlineData("[a", "'[' is not closed")]
    [InlineData("[\\]", "'[' is not closed")]
    [InlineData("*a", "'*' to repeat")]
    [InlineData("a|+", "'+' to repeat")]
    [InlineData("^*", "'*' to repeat")]
    [InlineData("\\b+", "'+' to repeat")]
    [InlineData("(?<=a)*", "'*' to repeat")]
    [InlineData("a**", "'*' to repeat")]
    [InlineData("a*??", "'?' to repeat")]
    [InlineData("(*a)", "'*' to repeat")]
    [InlineData("{2}", "'{2}' to repeat")]
    [InlineData("a{3,1}", "wrong order")]
    [InlineData("[z-a]", "wrong order")]
    [InlineData("[\\u0062-\\x61]", "wrong order")]
    [InlineData("a\\", "ends with a backslash")]
    [InlineData("(?i)a", "after '(?'")]
    [InlineData("(?>a)", "after '(?'")]
    [InlineData("(?#a)", "after '(?'")]
    [InlineData("(?'n'a)", "after '(?'")]
    [InlineData("(?<1>a)", "after '(?'")]
    [InlineData("(?<n>a)(?<n>b)", "two groups 'n'")]
    [InlineData("(?<n>a)\\k<m>", "no group 'm'")]
    public void What_JavaScript_does_not_compile_is_refused(string pattern, string reason)
    {
        Assert.Contains(reason, JavaScriptPattern.FirstError(pattern), StringComparison.Ordinal);
        AmpValidationException error = Rule.Refused($"/{pattern}/");
        Assert.StartsWith("Match.cmd is not a valid JavaScript regular expression", error.Message, StringComparison.Ordinal);
        Assert.Contains("skip this rule and all rules after it", error.Message, StringComparison.Ordinal);
        Rule.Refused(new[] { "a", $"/{pattern}/" });
    }

    [Theory]
    [InlineData("\\Aa\\z")]
    [InlineData("\\p{L}")]
    [InlineData("\\u{41}")]
    [InlineData("\\xg")]
    [InlineData("[\\B]")]
    public void What_JavaScript_would_take_for_plain_letters_is_refused(string pattern) =>
        Assert.Contains("JavaScript does not support", JavaScriptPattern.FirstError(pattern), StringComparison.Ordinal);

    [Theory]
    [InlineData("(a")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/(a")]
    [InlineData("(a/")]
    public void A_text_that_is_not_between_slashes_is_no_regular_expression(string text) =>
        Assert.Equal(text, Rule.Matching(text).Matches!["cmd"]);

    [Fact]
    public void An_expression_of_a_megabyte_is_read_without_exhausting_the_stack() =>
        Assert.Contains("not closed", JavaScriptPattern.FirstError(new string('(', 1_000_000)), StringComparison.Ordinal);
}
