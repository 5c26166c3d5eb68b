using Amp.Text;

namespace Amp.Sdk.Tests;

public sealed class TruncatedTextTests
{
    private const string Smile = "\U0001F600";

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc…")]
    [InlineData("ab" + Smile, 4, "ab" + Smile)]
    [InlineData("ab" + Smile, 3, "ab…")]
    [InlineData("ab" + Smile + "c", 4, "ab" + Smile + "…")]
    [InlineData(Smile, 1, "…")]
    [InlineData("abc", 0, "…")]
    [InlineData("", 0, "")]
    public void The_beginning_has_no_half_of_a_character(string text, int most, string expected)
    {
        Assert.Equal(expected, TruncatedText.Shown(text, most));
        Assert.Equal(expected.TrimEnd('…'), TruncatedText.Start(text, most));
    }

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "…bcd")]
    [InlineData(Smile + "cd", 4, Smile + "cd")]
    [InlineData(Smile + "cd", 3, "…cd")]
    [InlineData("a" + Smile + "cd", 4, "…" + Smile + "cd")]
    [InlineData("abc", 0, "…")]
    public void The_end_has_no_half_of_a_character(string text, int most, string expected) => Assert.Equal(expected, TruncatedText.ShownEnd(text, most));

    // A CLI can write a half of its own.
    [Fact]
    public void A_half_that_is_already_there_is_a_character()
    {
        Assert.Equal("a\ud83d…", TruncatedText.Shown("a\ud83dbc", 2));
        Assert.Equal("…\ude00b", TruncatedText.ShownEnd("a\ude00b", 2));
    }
}
