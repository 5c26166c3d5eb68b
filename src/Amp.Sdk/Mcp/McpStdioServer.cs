using System.Text.Json;
using Amp.Mcp;
using Amp.Text;

namespace Amp;

/// <summary>An MCP server that the CLI starts, and that communicates by standard input and output.</summary>
public sealed class McpStdioServer : McpServer
{
    /// <summary>Describes a server. The values are copied.</summary>
    /// <param name="name">1 to 64 letters, digits, hyphens, underscores and dots.</param>
    /// <param name="command">The program: a path, or a name that the CLI finds on its <c>PATH</c>, without arguments.</param>
    /// <param name="arguments">The arguments. Every user of the machine can see them, so use the environment for secrets.</param>
    /// <param name="environment">Environment variables for the program, in addition to those of the CLI.</param>
    /// <param name="disabled">Whether the server is excluded from runs.</param>
    /// <exception cref="AmpValidationException">A value cannot be used. The message never contains a secret.</exception>
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

    /// <summary>The arguments.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>The environment variables for the program. Their values cannot be read.</summary>
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
