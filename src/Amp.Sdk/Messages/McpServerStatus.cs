using System.Collections;
using System.Collections.Specialized;
using System.Text.Json;
using Amp.Json;

namespace Amp;

/// <summary>An MCP server of a run and its state at the start of the run.</summary>
public sealed class McpServerStatus
{
    private AdditionalFields _additional;

    /// <summary>Creates a state, for example for a test.</summary>
    /// <param name="name">The name of the server.</param>
    /// <param name="status">The state, such as <c>connected</c>.</param>
    public McpServerStatus(string name, string status)
    {
        Name = name ?? throw new ArgumentNullException(nameof(name));
        Status = status ?? throw new ArgumentNullException(nameof(status));
    }

    private McpServerStatus()
    {
    }

    /// <summary>The name of the server in the configuration.</summary>
    public string? Name { get; private set; }

    /// <summary>
    /// The state as the CLI wrote it: <c>connected</c>, <c>connecting</c>, <c>reconnecting</c> (also for a server that cannot start),
    /// <c>authenticating</c>, <c>awaiting-approval</c>, <c>denied</c>, <c>failed</c>, <c>blocked-by-registry</c>, or another one of a later
    /// CLI.
    /// </summary>
    public string? Status { get; private set; }

    /// <summary>The fields without a property, by name; empty if there are none.</summary>
    public OrderedDictionary AdditionalProperties => _additional.Properties;

    /// <summary>Returns the name and the state.</summary>
    public override string ToString() => $"{Name}: {Status}";

    /// <summary>Writes the server as the CLI does.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, Name);
        writer.WriteString("status"u8, Status);
        foreach (DictionaryEntry field in _additional.Properties)
        {
            PlainJson.Write(writer, (string)field.Key, field.Value);
        }

        writer.WriteEndObject();
    }

    internal static McpServerStatus Read(ref JsonReader reader)
    {
        McpServerStatus server = new();
        while (JsonText.NextField(ref reader))
        {
            if (JsonText.Is(ref reader, "name"u8))
            {
                server.Name = JsonField.String(ref reader, ref server._additional);
            }
            else if (JsonText.Is(ref reader, "status"u8))
            {
                server.Status = JsonField.String(ref reader, ref server._additional);
            }
            else
            {
                server._additional.Keep(ref reader);
            }
        }

        return server;
    }
}
