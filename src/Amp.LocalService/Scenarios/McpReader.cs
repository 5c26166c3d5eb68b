namespace Amp.LocalService.Scenarios;

/// <summary>Reads the <c>mcp</c> of a scenario.</summary>
internal static class McpReader
{
    public static McpScenario Read(ScenarioNode node)
    {
        Dictionary<string, ScenarioNode> members = node.Members("description", "requiredHeaders", "tools");
        McpScenarioTool[] tools = members.TryGetValue("tools", out ScenarioNode list)
            ? list.Items().Select(ReadTool).ToArray()
            : throw node.Error("has no tools");
        string? twice = tools.GroupBy(tool => tool.Name).FirstOrDefault(group => group.Count() > 1)?.Key;
        return new McpScenario
        {
            Tools = twice is null ? tools : throw list.Error($"two tools are called '{twice}'"),
            RequiredHeaders = members.TryGetValue("requiredHeaders", out ScenarioNode headers)
                ? headers.NamedMembers().ToDictionary(pair => pair.Key, pair => pair.Value.Text())
                : new Dictionary<string, string>(),
        };
    }

    private static McpScenarioTool ReadTool(ScenarioNode node)
    {
        Dictionary<string, ScenarioNode> members = node.Members("name", "description", "inputSchema", "result", "error");
        string name = members.TryGetValue("name", out ScenarioNode nameNode) ? nameNode.Text() : throw node.Error("has no name");
        if (name.Length == 0)
        {
            throw nameNode.Error("is empty");
        }

        bool isError = members.TryGetValue("error", out ScenarioNode text);
        if (members.TryGetValue("result", out ScenarioNode result) == isError)
        {
            throw node.Error("has exactly one of result and error");
        }

        var tool = new McpScenarioTool(name, (isError ? text : result).Text())
        {
            Description = members.TryGetValue("description", out ScenarioNode description) ? description.Text() : "",
            IsError = isError,
        };
        return members.TryGetValue("inputSchema", out ScenarioNode schema) ? tool with { InputSchema = schema.JsonObject() } : tool;
    }
}
