using System.Buffers;
using System.Text;
using System.Text.Json;
using Amp.Json;

namespace Amp.Mcp;

/// <summary>Creates the value of <c>--mcp-config</c> from server objects and from the user's JSON.</summary>
internal static class McpConfiguration
{
    private const string OptionName = AmpOptionName.McpConfig;

    /// <summary>
    /// Creates the servers of a run in the CLI's format. Disabled servers are omitted: the CLIs refuse <c>disabled</c> here for servers
    /// that they start, and ignore it for the others.
    /// </summary>
    /// <param name="servers">The servers as objects.</param>
    /// <param name="configuration">The servers as JSON text, or the path of a JSON file.</param>
    /// <exception cref="AmpValidationException">The JSON is invalid, the file cannot be read, an entry is not a valid server, or a name is
    /// used twice.</exception>
    public static McpComposition Compose(IReadOnlyList<McpServer>? servers, string? configuration)
    {
        if (servers is not { Count: > 0 } && configuration is null)
        {
            return McpComposition.Nothing;
        }

        // Users can write comments and trailing commas, but the CLI does not accept them.
        ArrayBufferWriter<byte> bytes = new();
        HashSet<string> names = new(StringComparer.Ordinal);
        List<string> disabled = [];
        using (Utf8JsonWriter writer = new(bytes))
        {
            writer.WriteStartObject();
            foreach (McpServer server in servers ?? [])
            {
                RefuseTwice(names, (server ?? throw new AmpValidationException(
                    "One of the MCP servers is null.", AmpOptionName.McpServers, "Omit it.")).Name);
                if (server.Disabled)
                {
                    disabled.Add(server.Name);
                    continue;
                }

                writer.WritePropertyName(server.Name);
                server.WriteTo(writer);
            }

            if (configuration is not null)
            {
                using JsonDocument document = Read(configuration, out string source);
                foreach (JsonProperty entry in document.RootElement.EnumerateObject())
                {
                    McpEntry.Check(entry, source);
                    RefuseTwice(names, entry.Name);
                    if (!McpEntry.WriteUnlessDisabled(writer, entry))
                    {
                        disabled.Add(entry.Name);
                    }
                }
            }

            writer.WriteEndObject();
        }

        // Without the cast, null would become an empty string.
        return new McpComposition(names.Count > disabled.Count ? bytes.WrittenMemory : (ReadOnlyMemory<byte>?)null, names, disabled);
    }

    private static JsonDocument Read(string configuration, out string source)
    {
        if (string.IsNullOrWhiteSpace(configuration))
        {
            throw new AmpValidationException("McpConfig is empty.", OptionName, "Give JSON text or the path of a JSON file.");
        }

        if (McpText.IsObject(configuration))
        {
            source = "McpConfig";
            return JsonSource.ParseObject(Encoding.UTF8.GetBytes(configuration), source, OptionName);
        }

        if (McpText.IsJson(configuration))
        {
            throw new AmpValidationException(
                "McpConfig is a list.",
                OptionName,
                "Give an object with a server under each name: { \"name\": { \"command\": \"...\" } }.");
        }

        if (McpText.MayBeJson(configuration) && !File.Exists(configuration))
        {
            throw new AmpValidationException(
                "McpConfig is neither a JSON object nor the path of an existing file.",
                OptionName,
                "Give the path of a JSON file, or JSON text that begins with '{'.");
        }

        McpCheck.Text(configuration, OptionName);
        string path = Path.GetFullPath(configuration);
        if (!File.Exists(path))
        {
            throw new AmpValidationException(
                Directory.Exists(path)
                    ? $"McpConfig '{configuration}' is a folder."
                    : $"The file '{configuration}' of AmpOptions.McpConfig does not exist.",
                OptionName,
                "Give the path of a JSON file, or JSON text that begins with '{'.",
                configuration);
        }

        source = $"'{path}'";
        return JsonSource.ReadObject(path, OptionName);
    }

    /// <summary>Refuses a name that another server has.</summary>
    /// <exception cref="AmpValidationException">A server of that name is already included.</exception>
    internal static void RefuseTwice(HashSet<string> names, string name)
    {
        if (!names.Add(name))
        {
            throw new AmpValidationException(
                $"There are two MCP servers with the name '{TerminalText.Strip(name)}'.",
                AmpOptionName.McpServers,
                "Give each server a unique name.",
                name);
        }
    }
}
