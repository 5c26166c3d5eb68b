namespace Amp.Sdk.Tests;

public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("plain ünï 😀", "plain ünï 😀")]
    [InlineData("", "")]
    [InlineData("tab\tand\nline", "tab\tand\nline")]
    [InlineData("a\r\nb\rc", "a\nbc")]
    [InlineData("\u001b[31mred\u001b[0m", "red")]
    [InlineData("\u001b[=0u\u001b[<u\u001b[?25h", "")]
    [InlineData("\u001b]0;title\u0007x", "x")]
    [InlineData("\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link")]
    [InlineData("\u001bP1;2|data\u001b\\x", "x")]
    [InlineData("\u001b(Bx", "x")]
    [InlineData("\u001bcx", "x")]
    [InlineData("\u009b31mred", "red")]
    [InlineData("a\u0000b\u0007c\u0008d\u007f", "abcd")]
    [InlineData("\u001b", "")]
    [InlineData("x\u001b[", "x")]
    [InlineData("x\u001b[31", "x")]
    [InlineData("x\u001b]0;never ended", "x")]
    [InlineData("\u001b]0;cut\nnext line", "\nnext line")]
    [InlineData("\u001b\nx", "\nx")]
    [InlineData("\u001b[3\nx", "\nx")]
    [InlineData("\u001b]0;a\u001b[31mb", "b")]
    [InlineData("a\u202egpj.\u202cexe", "agpj.exe")]
    [InlineData("\u2066\u2067\u2068\u2069\u202a\u202b\u202d\u200e\u200f\u061cx", "x")]
    [InlineData("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \ud83d\udc69\u200d\ud83d\udcbb", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \ud83d\udc69\u200d\ud83d\udcbb")]
    public void Only_text_is_left(string text, string expected) => Assert.Equal(expected, TerminalText.Strip(text));
}
