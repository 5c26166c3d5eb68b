using System.Text.Json.Nodes;

namespace Amp.LocalService.Scenarios;

/// <summary>
/// The tool <c>shell</c> of scenarios, with <c>command</c> as input: it stands for the shell of whatever build is there, which is
/// <c>Bash</c> with <c>cmd</c> up to May 2026, and <c>shell_command</c> with <c>command</c> from July 2026 on.
/// </summary>
internal static class ShellTool
{
    private const string Name = "shell";
    private const string NodeName = "Bash";
    private const string NativeName = "shell_command";
    private const string Command = "command";

    public static ScenarioAnswer Resolve(ScenarioAnswer answer, IReadOnlyList<string> offeredTools) =>
        offeredTools.Contains(Name) || !answer.Blocks.Any(IsShell)
            ? answer
            : answer with { Blocks = [.. answer.Blocks.Select(block => IsShell(block) ? Real((ToolBlock)block, offeredTools) : block)] };

    private static bool IsShell(AnswerBlock block) => block is ToolBlock { Name: Name };

    private static ToolBlock Real(ToolBlock shell, IReadOnlyList<string> offeredTools)
    {
        if (!offeredTools.Contains(NodeName))
        {
            return shell with { Name = NativeName };
        }

        var input = new JsonObject(shell.Input.Select(member =>
            KeyValuePair.Create(member.Key == Command ? "cmd" : member.Key, member.Value?.DeepClone())));
        return new ToolBlock(NodeName, input);
    }
}
