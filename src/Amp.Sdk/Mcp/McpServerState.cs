namespace Amp;

/// <summary>How an MCP server is, by the CLI's own check: it is started or called, and asked for its tools.</summary>
public sealed class McpServerState
{
    /// <summary>The server's name.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// <c>connected</c>, <c>failed</c>, <c>awaiting-approval</c>, <c>authenticating</c>, <c>connecting</c>, <c>reconnecting</c>,
    /// <c>denied</c> or <c>blocked-by-registry</c>.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>Whether it is connected and its tools could be listed.</summary>
    public bool IsConnected => Status == "connected" && Error is null;

    /// <summary>Where it comes from and whether that is trusted, in the CLI's words: <c>user settings</c>, <c>workspace: untrusted</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>How many tools it has; 0 where it is not connected.</summary>
    public int ToolCount { get; init; }

    /// <summary>The names of its tools.</summary>
    public IReadOnlyList<string> Tool { get; init; } = [];

    /// <summary>What is wrong, with the end of what the server wrote to its standard error; null where nothing is known to be.</summary>
    public string? Error { get; init; }

    /// <summary>The server's name.</summary>
    public override string ToString() => Name;
}
