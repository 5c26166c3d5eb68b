using System.Management.Automation;

namespace Amp.PowerShell.Tools;

/// <summary>
/// A command of the session as a tool for the agent, as <c>New-AmpTool</c> makes it. It runs on the thread of the cmdlet that waits for
/// the agent, in the session of that cmdlet's caller.
/// </summary>
public sealed class CommandTool
{
    internal CommandTool(string name, string description, object target, string text, ToolParameters parameters)
    {
        Name = name;
        Description = description;
        Target = target;
        Command = text;
        Parameters = parameters;
        InputSchema = parameters.Schema;
    }

    /// <summary>The tool's name; the model knows it as <c>mcp__ps__NAME</c>, with underscores for hyphens.</summary>
    public string Name { get; }

    /// <summary>What it does, for the model.</summary>
    public string Description { get; }

    /// <summary>The command's name, or the text of the script.</summary>
    public string Command { get; }

    /// <summary>The parameter set that the agent can use.</summary>
    public string ParameterSet => Parameters.SetName;

    /// <summary>Whether the command knows <c>-WhatIf</c>, with which it is called unless changes are allowed.</summary>
    public bool SupportsShouldProcess => Parameters.SupportsShouldProcess;

    /// <summary>The JSON Schema of its input.</summary>
    public string InputSchema { get; }

    /// <summary>What is called: a name, a <see cref="CommandInfo"/> or a <see cref="ScriptBlock"/>.</summary>
    internal object Target { get; }

    internal ToolParameters Parameters { get; }

    /// <summary>Which commands the scripts may call that this tool takes; null where it takes none.</summary>
    internal CommandPolicy? Policy { get; init; }

    /// <summary>Whether somebody has chosen the name.</summary>
    internal bool IsNameChosen { get; init; }

    /// <summary>The tool's name.</summary>
    public override string ToString() => Name;

    internal CommandTool Named(string name) => new(name, Description, Target, Command, Parameters) { Policy = Policy };
}
