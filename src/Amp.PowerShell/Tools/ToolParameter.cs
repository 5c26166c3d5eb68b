using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Tools;

/// <summary>Creates the tools of a run from the value of <c>-Tool</c>.</summary>
internal static class ToolParameter
{
    /// <summary>The name of the MCP server. The model sees the tools as <c>mcp__ps__NAME</c>.</summary>
    public const string Server = "ps";

    /// <summary>Creates the tools; null if none were given.</summary>
    /// <param name="given">Commands, names of commands, script blocks, and tools from <c>New-AmpTool</c>.</param>
    /// <param name="cmdlet">The cmdlet of the run.</param>
    /// <param name="calls">Passes calls to the pipeline thread.</param>
    /// <param name="allowChange">Whether commands are called without <c>-WhatIf</c>.</param>
    /// <param name="timeout">The time limit for a call; zero for no limit.</param>
    /// <exception cref="AmpValidationException">A value cannot be used as a tool.</exception>
    public static IReadOnlyList<AmpTool>? ToTools(object?[]? given, AmpCmdlet cmdlet, PipelineCalls calls, bool allowChange, TimeSpan timeout)
    {
        if (given is not { Length: > 0 })
        {
            return null;
        }

        ToolFactory factory = new(cmdlet);
        List<AmpTool> own = [];
        List<CommandTool> commands = [];
        foreach (object? item in given)
        {
            switch (PlainValue.Unwrap(item))
            {
                case AmpTool tool:
                    own.Add(tool);
                    break;
                case CommandTool tool:
                    commands.Add(tool);
                    break;
                case CommandInfo or string:
                    commands.Add(factory.OfCommand(item is PSObject command ? command.BaseObject : item!, null, null, null));
                    break;
                case ScriptBlock script:
                    commands.Add(ToolFactory.OfScript(script, null, null, null));
                    break;
                case object other:
                    throw new AmpValidationException(
                        $"An object of type {other.GetType()} is not a tool.",
                        "Tool",
                        "Give commands (Get-Command), names of commands, script blocks, or tools from New-AmpTool.",
                        other);
                case null:
                    throw new AmpValidationException("One of the tools is null.", "Tool", "Omit it.");
            }
        }

        if (commands.Count > 0)
        {
            calls.Require("Tool");
        }

        return
        [
            .. ToolFactory.WithUniqueNames(commands).Select(tool =>
            {
                ToolInvocation invocation = new(tool, allowChange, timeout);
                if (invocation.Processes is ScriptProcess process)
                {
                    calls.Hold(process);
                }

                return new AmpTool(
                    tool.Name,
                    tool.Description,
                    tool.InputSchema,
                    (arguments, token) => calls.InvokeAsync(waiting => invocation.Run(waiting, arguments, token), token));
            }),
            .. own,
        ];
    }
}
