using System.Collections;
using System.Collections.Specialized;
using Amp.Cli;
using Amp.Json;
using Amp.Tools;

namespace Amp;

/// <summary>Lists the tools that the agent may call, and calls one without an agent.</summary>
public sealed class ToolClient
{
    private readonly CliOptions? _options;

    /// <summary>Makes a client; nothing is started yet.</summary>
    public ToolClient(CliOptions? options = null) => _options = options;

    /// <summary>All tools, those of MCP servers and toolboxes with them, without their schemas.</summary>
    /// <param name="mode">The agent mode whose tools they are; by default the CLI's own choice.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AmpException">The CLI cannot be used, has no key, or gives an answer that is not known.</exception>
    public async Task<IReadOnlyList<ToolInfo>> ListAsync(string? mode = null, CancellationToken cancellationToken = default)
    {
        CliConnection connection = await OpenAsync("tools list", cancellationToken).ConfigureAwait(false);
        string[] arguments = [.. (string[])["tools", "list", "--json"], .. ModeOf(mode, connection)];
        CliAnswer answer = await connection.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        CliJson json = new(connection, arguments);
        return [.. json.Items(json.Value(answer.Output), answer.Output).Select(item => Read(json, item))];
    }

    /// <summary>One tool with all of its description and its schema.</summary>
    /// <param name="name">Its name, in full.</param>
    /// <param name="mode">The agent mode whose tool it is.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AmpValidationException">There is no such tool.</exception>
    /// <exception cref="AmpException">The CLI cannot be used, has no key, or gives an answer that is not known.</exception>
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
        catch (AmpProcessException exception) when (exception.StandardError.Contains("No such tool", StringComparison.Ordinal))
        {
            throw Unknown(name);
        }
    }

    /// <summary>
    /// Calls a tool as the agent would, with its input by standard input. The permission rules hold; a call for which they want a person
    /// to be asked waits until the time limit, since the CLI (0.0.1774310664) waits for an answer without a word.
    /// </summary>
    /// <param name="name">Its name, in full.</param>
    /// <param name="input">Its input: texts, numbers, booleans, lists and dictionaries of these.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What it answered: plain objects where that is JSON, otherwise the text.</returns>
    /// <exception cref="AmpValidationException">There is no such tool, or its input cannot be used.</exception>
    /// <exception cref="AmpTimeoutException">It took too long, or nobody was there to approve it.</exception>
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
        catch (AmpProcessException exception) when (exception.StandardError.Contains($"Tool '{name}' not found", StringComparison.Ordinal))
        {
            throw Unknown(name);
        }
        catch (AmpProcessException exception) when (IsAboutInput(exception.StandardError))
        {
            throw new AmpValidationException(
                $"The input of the tool '{name}' cannot be used: {TerminalText.Strip(exception.StandardError).Trim()}",
                "Argument",
                "Get-AmpTool with the tool's full name shows its schema.");
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
        // A list names the kind; of one tool the CLI tells {"toolbox":"/path"}.
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

    private static bool IsAboutInput(string text) =>
        text.Contains("Missing required parameter", StringComparison.Ordinal)
        || (text.Contains("Parameter --", StringComparison.Ordinal) && text.Contains("must be of type", StringComparison.Ordinal));

    private static void CheckName(string name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new AmpValidationException("The name of the tool is empty.", "Name", "Give the name of a tool, Read for instance.");
        }
    }

    private static AmpValidationException Unknown(string name) =>
        new($"The tool '{name}' does not exist.", "Name", "Run Get-AmpTool to list the tools. Names of toolbox tools begin with tb__, those of MCP servers with mcp__.", name);
}
