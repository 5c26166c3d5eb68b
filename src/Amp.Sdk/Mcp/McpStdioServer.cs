using System.Text.Json;
using Amp.Mcp;
using Amp.Text;

namespace Amp;

/// <summary>An MCP server that the CLI starts and talks to by its standard input and output.</summary>
public sealed class McpStdioServer : McpServer
{
    /// <summary>Describes a server. What is given is copied.</summary>
    /// <param name="name">1 to 64 letters, digits, hyphens, underscores and dots.</param>
    /// <param name="command">The program: a path, or a name that the CLI finds on its <c>PATH</c>; no arguments.</param>
    /// <param name="arguments">Its arguments. Every user of the machine can see them, so secrets go into the environment.</param>
    /// <param name="environment">Variables for it, on top of the CLI's own.</param>
    /// <param name="disabled">Whether the server is left out of runs.</param>
    /// <exception cref="AmpValidationException">One of them cannot be used; the message never holds a secret.</exception>
    public McpStdioServer(
        string name,
        string command,
        IEnumerable<string>? arguments = null,
        IEnumerable<KeyValuePair<string, SecretText>>? environment = null,
        bool disabled = false)
        : base(name, disabled)
    {
        McpCheck.Command(command);
        Command = command;
        Arguments = ReadableList<string>.Of(McpCheck.Arguments(arguments));
        Environment = McpCheck.Secrets(environment, nameof(Environment), StringComparer.Ordinal, McpCheck.Variable);
    }

    /// <summary>The program.</summary>
    public string Command { get; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>Variables for it; their values cannot be read back.</summary>
    public IReadOnlyDictionary<string, SecretText> Environment { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> FindLiteralSecrets() => McpCheck.LiteralSecrets(Environment);

    internal override IEnumerable<string> SecretValues => Environment.Values.Select(value => value.Reveal());

    private protected override void WriteFields(Utf8JsonWriter writer)
    {
        writer.WriteString("command", Command);
        McpJson.WriteTexts(writer, "args", Arguments);
        McpJson.WriteSecrets(writer, "env", Environment);
    }
}
