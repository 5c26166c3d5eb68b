using System.Collections.Specialized;
using System.Text.Json;
using System.Text.Json.Serialization;
using Amp.Json;
using Amp.Messages;
using Amp.Permissions;
using Amp.Text;

namespace Amp;

/// <summary>Information from the CLI about the run. The first line of a run is such a message, with the subtype <c>init</c>.</summary>
[JsonConverter(typeof(StreamMessageJsonConverter<SystemMessage>))]
public sealed class SystemMessage : StreamMessage
{
    private SystemBody? _body;

    internal SystemMessage(in MessageEnvelope envelope)
        : base(envelope)
    {
    }

    /// <summary>The kind of system message: <c>init</c> at the start of a run.</summary>
    public string? Subtype => Body.Subtype;

    /// <summary>The folder in which the agent works.</summary>
    public string? Cwd => Body.Cwd;

    /// <summary>
    /// The mode of the agent, such as <c>medium</c>; null on builds that do not report it (0.0.1774310664 and earlier; 0.0.1777897475 and
    /// later do).
    /// </summary>
    public string? AgentMode => Body.AgentMode;

    /// <summary>The names of the tools of this CLI. Settings may offer fewer of them to the model.</summary>
    public IReadOnlyList<string> Tools => Toolbox.IsEmpty ? Body.Tools : [.. Body.Tools.Select(tool => Toolbox.Own(tool)!)];

    /// <summary>The MCP servers of the run, with their state at its start.</summary>
    public IReadOnlyList<McpServerStatus> McpServers => Body.McpServers;

    /// <inheritdoc/>
    public override OrderedDictionary AdditionalProperties => Body.Additional.Properties;

    /// <summary>The toolbox tools that the library offers instead of the CLI. They have the same names on every build.</summary>
    internal ToolboxNames Toolbox { get; init; } = ToolboxNames.None;

    /// <summary>Returns the thread and the folder of the agent.</summary>
    public override string ToString() => $"Thread {SessionId} in {Cwd}";

    private SystemBody Body => _body ??= SystemBody.Read(OpenLine());

    private sealed class SystemBody
    {
        public string? Subtype;
        public string? Cwd;
        public string? AgentMode;
        public ReadableList<string> Tools = ReadableList<string>.None;
        public ReadableList<McpServerStatus> McpServers = ReadableList<McpServerStatus>.None;
        public AdditionalFields Additional;

        public static SystemBody Read(JsonReader reader)
        {
            SystemBody body = new();
            reader.Read();
            while (JsonText.NextField(ref reader))
            {
                if (EnvelopeFields.Skip(ref reader))
                {
                    continue;
                }

                if (JsonText.Is(ref reader, "subtype"u8))
                {
                    body.Subtype = JsonField.String(ref reader, ref body.Additional);
                }
                else if (JsonText.Is(ref reader, "cwd"u8))
                {
                    body.Cwd = JsonField.String(ref reader, ref body.Additional);
                }
                else if (JsonText.Is(ref reader, "agent_mode"u8))
                {
                    body.AgentMode = JsonField.String(ref reader, ref body.Additional);
                }
                else if (JsonText.Is(ref reader, "tools"u8))
                {
                    body.Tools = ReadableList<string>.Over(JsonField.Strings(ref reader, ref body.Additional));
                }
                else if (JsonText.Is(ref reader, "mcp_servers"u8))
                {
                    body.McpServers = ReadableList<McpServerStatus>.Over(JsonField.Objects(ref reader, ref body.Additional, McpServerStatus.Read));
                }
                else
                {
                    body.Additional.Keep(ref reader);
                }
            }

            return body;
        }
    }
}
