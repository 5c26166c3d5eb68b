namespace Amp.LocalService.Scenarios;

/// <summary>What the scripted model says: rules in order, the first that matches answers.</summary>
public sealed record Scenario
{
    /// <summary>A scenario without rules: every request gets the default answer.</summary>
    public static Scenario Empty { get; } = new();

    /// <summary>The rules, tried in this order.</summary>
    public IReadOnlyList<ScenarioRule> Rules { get; init; } = [];

    /// <summary>What a request gets that no rule matches.</summary>
    public UnmatchedRequest Unmatched { get; init; } = UnmatchedRequest.DefaultAnswer;

    /// <summary>The MCP server that the service plays beside the model; null for none.</summary>
    public McpScenario? Mcp { get; init; }

    /// <summary>Reads a scenario file.</summary>
    /// <exception cref="ScenarioFormatException">The file is no scenario; the message names the place and the reason.</exception>
    public static Scenario Load(string path) => Parse(File.ReadAllText(path), path);

    /// <summary>Reads a scenario from JSON; <paramref name="source"/> names it in error messages.</summary>
    /// <exception cref="ScenarioFormatException">The text is no scenario; the message names the place and the reason.</exception>
    public static Scenario Parse(string json, string source = "scenario") => ScenarioReader.Read(json, source);
}

/// <summary>What happens to a model request that no rule matches.</summary>
public enum UnmatchedRequest
{
    /// <summary>The default answers: <c>RUN:</c> calls, tool results and echoes.</summary>
    DefaultAnswer,

    /// <summary>An <c>invalid_request_error</c> that shows the request, so that a test fails at the prompt it did not foresee.</summary>
    Error,
}
