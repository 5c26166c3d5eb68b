using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Amp.Clients.Mcp;

/// <summary>
/// Reads the output of <c>mcp doctor</c>: two lines with the settings files, then a line for each state change of each server; the last one
/// counts. Lines after an error are the standard error of the server.
/// </summary>
internal static partial class McpDoctorText
{
    private static readonly string[] s_heads = ["User settings: ", "Workspace settings: "];

    /// <exception cref="FormatException">A line has an unknown format. The message shows it.</exception>
    public static IReadOnlyList<McpServerState> Parse(string text)
    {
        List<string> order = [];
        Dictionary<string, McpServerState> states = new(StringComparer.Ordinal);
        Dictionary<string, StringBuilder> errors = new(StringComparer.Ordinal);
        StringBuilder? failed = null;
        foreach (string line in text.Split('\n').Select(line => line.TrimEnd('\r')))
        {
            Match match = StateLine().Match(line);
            if (match.Success && State(match) is McpServerState state)
            {
                if (states.TryAdd(state.Name, state))
                {
                    order.Add(state.Name);
                }

                states[state.Name] = state;
                failed = state.Status == "failed" ? errors[state.Name] = new StringBuilder(state.Error) : null;
            }
            else if (failed is not null)
            {
                failed.Append('\n').Append(line);
            }
            else if (line.Length > 0 && line != "No MCP servers configured" && !Array.Exists(s_heads, head => line.StartsWith(head, StringComparison.Ordinal)))
            {
                throw new FormatException($"has a line that is unknown, '{line}'");
            }
        }

        return [.. order.Select(name => states[name]).Select(state => state.Status == "failed" ? WithError(state, errors[state.Name].ToString().TrimEnd()) : state)];
    }

    private static McpServerState WithError(McpServerState state, string error) =>
        new() { Name = state.Name, Status = state.Status, Origin = state.Origin, Error = error };

    private static McpServerState? State(Match line)
    {
        string name = line.Groups["name"].Value;
        string origin = line.Groups["origin"].Value;
        string said = line.Groups["said"].Value;
        McpServerState Plain(string status, string? error = null) => new() { Name = name, Status = status, Origin = origin, Error = error };
        switch (said)
        {
            case "connecting...":
                return Plain("connecting");
            case "authenticating (waiting for OAuth)...":
                return Plain("authenticating");
            case "awaiting approval":
                return Plain("awaiting-approval");
            case "denied by user":
                return Plain("denied");
            case "blocked by workspace MCP registry":
                return Plain("blocked-by-registry");
            case "connected (no tools)":
                return Plain("connected");
        }

        if (said.StartsWith("reconnecting (", StringComparison.Ordinal))
        {
            return Plain("reconnecting");
        }

        foreach ((string start, string status) in ((string, string)[])[("error - ", "failed"), ("error loading tools - ", "connected")])
        {
            if (said.StartsWith(start, StringComparison.Ordinal))
            {
                return Plain(status, said[start.Length..]);
            }
        }

        Match tools = Tools().Match(said);
        if (!tools.Success)
        {
            return null;
        }

        // A name can contain a comma: then there are more parts than tools, and no part is certainly a name.
        int count = int.Parse(tools.Groups["count"].Value, CultureInfo.InvariantCulture);
        string[] names = tools.Groups["names"].Value.Split(", ");
        return new McpServerState
        {
            Name = name,
            Status = "connected",
            Origin = origin,
            ToolCount = count,
            Tool = names.Length == count ? names : [tools.Groups["names"].Value],
        };
    }

    [GeneratedRegex(
        @"^(?<name>[^\s:]+) \((?<origin>(?:user settings|workspace: (?:un)?trusted|--mcp-config flag)[^()]*)\): (?<said>.+)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex StateLine();

    [GeneratedRegex(@"^connected \((?<count>[0-9]{1,6}) tools: (?<names>.+)\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Tools();
}
