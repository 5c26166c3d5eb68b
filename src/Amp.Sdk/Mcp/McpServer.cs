using System.Text.Json;
using Amp.Mcp;

namespace Amp;

/// <summary>
/// An MCP server, whose tools have the names <c>mcp__SERVER__TOOL</c>. The object is immutable, and its secrets are not visible to code
/// that shows or stores objects.
/// </summary>
public abstract class McpServer
{
    private protected McpServer(string name, bool disabled)
    {
        McpCheck.Name(name);
        Name = name;
        Disabled = disabled;
    }

    /// <summary>The name of the server: 1 to 64 letters, digits, hyphens, underscores and dots.</summary>
    public string Name { get; }

    /// <summary>
    /// Whether the server is excluded from runs, together with a server of the same name in the user settings. A server in the workspace
    /// settings cannot be excluded: such a run is refused.
    /// </summary>
    public bool Disabled { get; }

    /// <summary>
    /// Gets the names of the parts that would store a secret in a file, where a reference such as <c>${NAME}</c> would be possible:
    /// variables and headers whose names suggest a secret, a client secret, and parts of URLs. It contains no values. It is a method
    /// because serialization would store a property with the server.
    /// </summary>
    public abstract IReadOnlyList<string> FindLiteralSecrets();

    /// <summary>Gets all secrets of the server, to remove them from output.</summary>
    internal abstract IEnumerable<string> SecretValues { get; }

    /// <summary>Returns only the name of the server, because texts of objects are often logged.</summary>
    public override string ToString() => Name;

    /// <summary>Writes the server as an entry of <c>amp.mcpServers</c>, including its secrets.</summary>
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
