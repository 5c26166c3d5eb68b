using Amp.Clients.Mcp;

namespace Amp.Sdk.Tests.Mcp;

public sealed class DoctorTextTests
{
    private const string Head = "User settings: /home/x/.config/amp/settings.json\nWorkspace settings: /p/.amp/settings.json\n\n";

    [Fact]
    public void The_last_line_of_a_server_counts_and_errors_keep_their_lines()
    {
        IReadOnlyList<McpServerState> states = McpDoctorText.Parse(
            Head + "a (user settings): connecting...\nb (user settings): reconnecting (attempt 2, retry in 1500ms)...\n"
            + "a (user settings): connected (no tools)\nb (user settings): error - spawn /x ENOENT\nline 1: of the server\n\nline 2\n"
            + "a (user settings): connected (2 tools: get, thing, two)\nc (workspace: trusted, server: untrusted): awaiting approval\n"
            + "d (--mcp-config flag): connected (2 tools: x, y)\r\ne (workspace: untrusted): error loading tools - no\n");

        Assert.Equal(["a", "b", "c", "d", "e"], states.Select(state => state.Name));
        Assert.Equal(["connected", "failed", "awaiting-approval", "connected", "connected"], states.Select(state => state.Status));
        Assert.Equal("spawn /x ENOENT\nline 1: of the server\n\nline 2", states[1].Error);
        Assert.Equal((2, "get, thing, two"), (states[0].ToolCount, Assert.Single(states[0].Tool)));
        Assert.Equal(["x", "y"], states[3].Tool);
        Assert.Equal("workspace: trusted, server: untrusted", states[2].Origin);
        Assert.False(states[4].IsConnected);
        Assert.True(states[3].IsConnected);
    }

    [Theory]
    [InlineData("a (user settings): sleeping\n")]
    [InlineData("something else\n")]
    [InlineData("a (user settings): connected (2 pools: x, y)\n")]
    public void A_line_that_is_unknown_is_shown(string line)
    {
        FormatException exception = Assert.Throws<FormatException>(() => McpDoctorText.Parse(Head + line));
        Assert.Contains(line.Trim(), exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The lines were joined one by one, which takes the square of their length.</summary>
    [Fact]
    public void A_server_may_write_any_number_of_lines_before_it_fails()
    {
        string line = new('x', 100);
        string lines = string.Concat(Enumerable.Repeat(line + "\n", 200_000));

        McpServerState state = Assert.Single(McpDoctorText.Parse($"{Head}a (user settings): error - no\n{lines}"));

        Assert.Equal("no".Length + (200_000 * (line.Length + 1)), state.Error!.Length);
    }

    [Fact]
    public void There_may_be_none() => Assert.Empty(McpDoctorText.Parse("No MCP servers configured\n"));
}
