namespace Amp;

/// <summary>The state of an MCP server according to the CLI, which starts or calls it and gets its tools.</summary>
public sealed class McpServerState
{
    /// <summary>The name of the server.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// <c>connected</c>, <c>failed</c>, <c>awaiting-approval</c>, <c>authenticating</c>, <c>connecting</c>, <c>reconnecting</c>,
    /// <c>denied</c> or <c>blocked-by-registry</c>.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>Whether it is connected and its tools could be listed.</summary>
    public bool IsConnected => Status == "connected" && Error is null;

    /// <summary>The source and its trust, in the CLI's words: <c>user settings</c>, <c>workspace: untrusted</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>The number of tools; 0 if the server is not connected.</summary>
    public int ToolCount { get; init; }

    /// <summary>The names of the tools.</summary>
    public IReadOnlyList<string> Tool { get; init; } = [];

    /// <summary>The problem, with the end of the server's standard error; null if none is known.</summary>
    public string? Error { get; init; }

    /// <summary>The name of the server.</summary>
    public override string ToString() => Name;
}
