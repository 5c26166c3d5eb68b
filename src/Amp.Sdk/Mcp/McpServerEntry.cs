namespace Amp;

/// <summary>An MCP server that the CLI knows, without its secrets: of variables and headers, only the names are kept.</summary>
public sealed class McpServerEntry
{
    /// <summary>The server's name.</summary>
    public required string Name { get; init; }

    /// <summary>How the CLI talks to it: <c>stdio</c> for a program that it starts, or <c>http</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Where it comes from, in the CLI's word: <c>global</c> for the user's settings, <c>workspace</c>, or another place of a later CLI.</summary>
    public required string Source { get; init; }

    /// <summary>Whether it stands in the workspace's settings.</summary>
    public bool IsWorkspace => Source == "workspace";

    /// <summary>The program; null for a server that is reached by HTTP.</summary>
    public string? Command { get; init; }

    /// <summary>The program's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The names of the variables that are set for the program.</summary>
    public IReadOnlyList<string> EnvironmentName { get; init; } = [];

    /// <summary>The address, in which what looks like a secret is masked; null for a program.</summary>
    public string? Url { get; init; }

    /// <summary>The names of the headers of every request.</summary>
    public IReadOnlyList<string> HeaderName { get; init; } = [];

    /// <summary>Whether the settings say that it is disabled; the CLIs of 2026 start it all the same outside of runs.</summary>
    public bool Disabled { get; init; }

    /// <summary>How it is, where that was asked for; null otherwise.</summary>
    public McpServerState? State { get; internal init; }

    /// <summary>In a word, how it is; null where that was not asked for.</summary>
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

    /// <summary>The server's name.</summary>
    public override string ToString() => Name;
}
