using System.Collections;
using System.Collections.Specialized;
using Amp.Cli;
using Amp.Json;
using Amp.Tools;

namespace Amp;

/// <summary>Gets the tools that the agent can call, and calls one without an agent.</summary>
public sealed class ToolClient
{
    private readonly CliOptions? _options;

    /// <summary>Creates a client. Nothing is started.</summary>
    public ToolClient(CliOptions? options = null) => _options = options;

    /// <summary>Gets all tools, including those of MCP servers and toolboxes, without their schemas.</summary>
    /// <param name="mode">The agent mode whose tools to get. The default is the CLI's mode.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="AmpException">The CLI cannot be used, has no key, or returned an unknown answer.</exception>
    public async Task<IReadOnlyList<ToolInfo>> ListAsync(string? mode = null, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await OpenAsync("tools list", cancellationToken).ConfigureAwait(false);
        string[] arguments = [.. (string[])["tools", "list", "--json"], .. ModeOf(mode, connection)];
        CliAnswer answer = await connection.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        CliJson json = new(connection, arguments);
        return [.. json.Items(json.Value(answer.Output), answer.Output).Select(item => Read(json, item))];
    }

    /// <summary>Gets a tool with its whole description and its schema.</summary>
    /// <param name="name">The full name of the tool.</param>
    /// <param name="mode">The agent mode.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="AmpValidationException">The tool does not exist.</exception>
    /// <exception cref="AmpException">The CLI cannot be used, has no key, or returned an unknown answer.</exception>
    public async Task<ToolInfo> GetAsync(string name, string? mode = null, CancellationToken cancellationToken = default)
    {
        CheckName(name);
        CliConnection connection = await OpenAsync("tools show", cancellationToken).ConfigureAwait(false);
        string[] arguments = [.. (string[])["tools", "show", "--json"], .. ModeOf(mode, connection), "--", name];
        try
        {
            CliAnswer answer = await connection.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
            CliJson json = new(connection, arguments);
            return Read(json, json.Object(answer.Output));
        }
        catch (AmpProcessException exception) when (CliFaultText.TellsUnknownTool(exception.StandardError, name))
        {
            throw Unknown(name);
        }
    }

    /// <summary>
    /// Calls a tool in the same way as the agent, with its input on standard input. Permission rules apply. A call that requires an
    /// approval waits until the time limit, because the CLI (0.0.1774310664) waits for an answer without a message.
    /// </summary>
    /// <param name="name">The full name of the tool.</param>
    /// <param name="input">The input: strings, numbers, booleans, lists and dictionaries of these.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The result: plain objects if it is JSON, otherwise the text.</returns>
    /// <exception cref="AmpValidationException">The tool does not exist, or its input cannot be used.</exception>
    /// <exception cref="AmpTimeoutException">The call exceeded the time limit, or could not be approved.</exception>
    /// <exception cref="AmpException">The call failed, or the CLI cannot be used.</exception>
    public async Task<object?> InvokeAsync(string name, IDictionary? input = null, CancellationToken cancellationToken = default)
    {
        CheckName(name);
        string json = ToolInput.ToJson(input ?? new OrderedDictionary());
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        connection.Require("tools use", "Ask the agent to call the tool, or install a CLI of the first half of 2026.");
        try
        {
            CliAnswer answer = await connection.RunAsync(["tools", "use", "--", name], cancellationToken, input: json).ConfigureAwait(false);
            return JsonValue.ParseOrNull(answer.Output) ?? answer.Output.TrimEnd('\r', '\n');
        }
        catch (AmpTimeoutException exception)
        {
            throw new AmpTimeoutException(
                $"The tool '{name}' did not answer within {exception.Limit.TotalSeconds:0.#} s.",
                exception.ErrorId,
                exception.Limit,
                "If the call needs an approval, allow it with a permission rule, because nobody can be asked here. Otherwise allow more time.")
            {
                StandardError = exception.StandardError,
            };
        }
        catch (AmpProcessException exception) when (CliFaultText.TellsUnknownTool(exception.StandardError, name))
        {
            throw Unknown(name);
        }
        catch (AmpProcessException exception) when (CliFaultText.TellsInvalidInput(exception.StandardError))
        {
            throw new AmpValidationException(
                $"The input of the tool '{name}' cannot be used: {TerminalText.Strip(exception.StandardError).Trim()}",
                "Argument",
                "ToolClient.GetAsync with the tool's full name shows its schema.");
        }
    }

    private async Task<CliConnection> OpenAsync(string command, CancellationToken cancellationToken)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        connection.Require(command, "Install another version of the CLI.");
        return connection;
    }

    private static string[] ModeOf(string? mode, CliConnection connection) =>
        mode is null ? [] : [$"--mode={CliChoice.Mode(mode, connection.Cli)}"];

    private static ToolInfo Read(CliJson json, OrderedDictionary item)
    {
        // A list contains the kind. For a single tool, the CLI writes {"toolbox":"/path"}.
        (string source, string? origin) = item["source"] switch
        {
            string text => (text, null),
            OrderedDictionary { Count: > 0 } detail => ((string)detail.Keys.Cast<object>().First(), detail[0]?.ToString()),
            _ => throw json.Unreadable("has a tool without 'source'", json.Text(item, "name")),
        };
        return new ToolInfo
        {
            Name = json.Text(item, "name"),
            Source = source,
            Origin = origin,
            Description = item["description"] as string ?? string.Empty,
            InputSchema = item["inputSchema"] as OrderedDictionary,
        };
    }

    private static void CheckName(string name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new AmpValidationException("The name of the tool is empty.", "Name", "Give the name of a tool, Read for instance.");
        }
    }

    private static AmpValidationException Unknown(string name) =>
        new($"The tool '{name}' does not exist.", "Name", "Use ToolClient.ListAsync to list the tools. Names of toolbox tools begin with tb__, those of MCP servers with mcp__.", name);
}
