namespace Amp;

/// <summary>An MCP server that the CLI knows, without its secrets: only the names of variables and headers are kept.</summary>
public sealed class McpServerEntry
{
    /// <summary>The name of the server.</summary>
    public required string Name { get; init; }

    /// <summary>The type: <c>stdio</c> for a program that the CLI starts, or <c>http</c>.</summary>
    public required string Type { get; init; }

    /// <summary>
    /// The source in the CLI's words: <c>global</c> for the user settings, <c>workspace</c>, or another source of a later CLI.
    /// </summary>
    public required string Source { get; init; }

    /// <summary>Whether the server is in the workspace settings.</summary>
    public bool IsWorkspace => Source == "workspace";

    /// <summary>The program; null for an HTTP server.</summary>
    public string? Command { get; init; }

    /// <summary>The arguments of the program.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The names of the environment variables for the program.</summary>
    public IReadOnlyList<string> EnvironmentName { get; init; } = [];

    /// <summary>The URL, with masked secrets; null for a program.</summary>
    public string? Url { get; init; }

    /// <summary>The names of the headers of every request.</summary>
    public IReadOnlyList<string> HeaderName { get; init; } = [];

    /// <summary>Whether the server is disabled in the settings. The CLIs of 2026 start it anyway, except in runs.</summary>
    public bool Disabled { get; init; }

    /// <summary>The state, if it was requested; otherwise null.</summary>
    public McpServerState? State { get; internal init; }

    /// <summary>The status, if it was requested; otherwise null.</summary>
    public string? Status => State?.Status;

    internal McpServerEntry With(McpServerState? state) => new()
    {
        Name = Name,
        Type = Type,
        Source = Source,
        Command = Command,
        Arguments = Arguments,
        EnvironmentName = EnvironmentName,
        Url = Url,
        HeaderName = HeaderName,
        Disabled = Disabled,
        State = state,
    };

    /// <summary>The name of the server.</summary>
    public override string ToString() => Name;
}
