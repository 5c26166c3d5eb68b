using System.Management.Automation;

namespace Amp.PowerShell.Tools;

/// <summary>
/// A command of the session as a tool for the agent, from <c>New-AmpTool</c>. It runs on the thread of the cmdlet that waits for the agent,
/// in the session of that cmdlet's caller.
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

    /// <summary>The name of the tool. The model sees it as <c>mcp__ps__NAME</c>, with underscores instead of hyphens.</summary>
    public string Name { get; }

    /// <summary>The description for the model.</summary>
    public string Description { get; }

    /// <summary>The name of the command, or the text of the script.</summary>
    public string Command { get; }

    /// <summary>The parameter set that the agent can use.</summary>
    public string ParameterSet => Parameters.SetName;

    /// <summary>Whether the command supports <c>-WhatIf</c>. It is called with <c>-WhatIf</c> unless changes are allowed.</summary>
    public bool SupportsShouldProcess => Parameters.SupportsShouldProcess;

    /// <summary>The JSON Schema of the input.</summary>
    public string InputSchema { get; }

    /// <summary>The command to call: a name, a <see cref="CommandInfo"/> or a <see cref="ScriptBlock"/>.</summary>
    internal object Target { get; }

    internal ToolParameters Parameters { get; }

    /// <summary>The commands that the scripts of this tool can call; null if it does not accept scripts.</summary>
    internal CommandPolicy? Policy { get; init; }

    /// <summary>Whether the user chose the name.</summary>
    internal bool IsNameChosen { get; init; }

    /// <summary>Returns the name of the tool.</summary>
    public override string ToString() => Name;

    internal CommandTool Named(string name) => new(name, Description, Target, Command, Parameters) { Policy = Policy };
}
