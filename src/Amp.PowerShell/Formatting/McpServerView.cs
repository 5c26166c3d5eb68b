using System.ComponentModel;

namespace Amp.PowerShell.Formatting;

/// <summary>The texts behind the views of MCP servers. A workspace's settings are somebody else's: no control sequence of theirs reaches the console.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class McpServerView
{
    /// <summary>The server's name.</summary>
    public static string Name(McpServerEntry entry) => TerminalText.Strip(Checked(entry).Name);

    /// <summary>The address, or the program with its arguments.</summary>
    public static string Target(McpServerEntry entry) =>
        TerminalText.Strip(Checked(entry).Url ?? string.Join(' ', entry.Arguments.Prepend(entry.Command))).ReplaceLineEndings(" ");

    /// <summary>What is wrong, or the names of the tools.</summary>
    public static string Detail(McpServerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return (state.Error ?? string.Join(", ", state.Tool)).ReplaceLineEndings(" ");
    }

    private static McpServerEntry Checked(McpServerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry;
    }
}
