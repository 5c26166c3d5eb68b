using Amp.Testing;

namespace Amp.Sdk.Tests.Budgets;

/// <summary>Lines of a run for tests of budgets. Those of <see cref="FakeMessages"/> tell 30 tokens each.</summary>
internal static class BudgetLines
{
    /// <summary>An answer that calls a tool.</summary>
    public static string Call => FakeMessages.ToolUse("Bash", """{"cmd":"ls"}""");

    /// <summary>An answer that calls a tool and does not tell its tokens.</summary>
    public const string CallWithoutUsage =
        """{"type":"assistant","message":{"role":"assistant","stop_reason":"tool_use","content":[{"type":"tool_use","id":"1","name":"Bash","input":{}}]},"parent_tool_use_id":null,"session_id":"${SESSION}"}""";

    /// <summary>A part of an answer, with the ID of the whole and the tokens of the whole.</summary>
    public static string Part(string id, int output, string? parent = null) =>
        $$$"""{"type":"assistant","message":{"id":"{{{id}}}","role":"assistant","stop_reason":"tool_use","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":10,"output_tokens":{{{output}}}}},"parent_tool_use_id":{{{(parent is null ? "null" : $"\"{parent}\"")}}},"session_id":"${SESSION}"}""";
}
