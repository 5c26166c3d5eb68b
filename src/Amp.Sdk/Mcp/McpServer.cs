using System.Text.Json;
using Amp.Mcp;

namespace Amp;

/// <summary>
/// An MCP server, whose tools the agent gets under the names <c>mcp__SERVER__TOOL</c>. The object cannot be changed, and nothing
/// that shows or stores objects gets at its secrets.
/// </summary>
public abstract class McpServer
{
    private protected McpServer(string name, bool disabled)
    {
        McpCheck.Name(name);
        Name = name;
        Disabled = disabled;
    }

    /// <summary>The server's name: 1 to 64 letters, digits, hyphens, underscores and dots.</summary>
    public string Name { get; }

    /// <summary>
    /// Whether the server is left out of runs, together with one of the same name in the user's settings. One of the workspace's cannot
    /// be left out; a run that is to is refused.
    /// </summary>
    public bool Disabled { get; }

    /// <summary>
    /// The names of what would put a secret itself into a file, where a reference such as <c>${NAME}</c> would do: variables and headers
    /// whose names are those of secrets, a client secret, and parts of addresses. None of the values. No property: what stores an object
    /// would store it with the server.
    /// </summary>
    public abstract IReadOnlyList<string> FindLiteralSecrets();

    /// <summary>All secrets of the server, for taking them out of what is shown.</summary>
    internal abstract IEnumerable<string> SecretValues { get; }

    /// <summary>The server's name; never more, since texts of objects end up in logs.</summary>
    public override string ToString() => Name;

    /// <summary>Writes the server as an entry of <c>amp.mcpServers</c>, with its secrets.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteFields(writer);
        if (Disabled)
        {
            writer.WriteBoolean("disabled", true);
        }

        writer.WriteEndObject();
    }

    private protected abstract void WriteFields(Utf8JsonWriter writer);
}
