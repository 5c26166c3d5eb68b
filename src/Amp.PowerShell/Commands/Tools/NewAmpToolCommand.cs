using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.Tools;

namespace Amp.PowerShell.Commands;

/// <summary>Makes a tool for the agent of a command or a script block of this session, for <c>-Tool</c> of <c>Invoke-AmpAgent</c>.</summary>
[Cmdlet(VerbsCommon.New, "AmpTool", DefaultParameterSetName = ScriptBlockSet)]
[OutputType(typeof(CommandTool))]
public sealed class NewAmpToolCommand : AmpCmdlet
{
    private const string ScriptBlockSet = "ScriptBlock";
    private const string CommandSet = "Command";

    /// <summary>The tool's name: letters, digits, hyphens and underscores.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ScriptBlockSet)]
    [Parameter(ParameterSetName = CommandSet)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The script that is run; its parameters are the tool's.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ScriptBlockSet)]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>The command that is called: what <c>Get-Command</c> gives, or a name.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = CommandSet)]
    public PSObject? Command { get; set; }

    /// <summary>What the tool does and when to use it, for the model; by default what the command's comments say.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    /// <summary>The parameter set that the agent can use; by default the command's default one.</summary>
    [Parameter]
    [Alias("ParameterSetName")]
    [ValidateNotNullOrEmpty]
    public string? ParameterSet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ToolFactory factory = new(this);
        WriteObject(OrThrow(() => CheckName(Command is null
            ? ToolFactory.OfScript(ScriptBlock!, Name, Description, ParameterSet)
            : Command.BaseObject is CommandInfo or string
                ? factory.OfCommand(Command.BaseObject, Name, Description, ParameterSet)
                : throw new AmpValidationException(
                    $"An object of type {Command.BaseObject.GetType()} is no command.",
                    nameof(Command),
                    "Give what Get-Command gives, or the name of a command.",
                    Command.BaseObject))));
    }

    // What a run would refuse is refused where it is made.
    private static CommandTool CheckName(CommandTool tool)
    {
        _ = new AmpTool(tool.Name, tool.Description, tool.InputSchema, (_, _) => Task.FromResult(new AmpToolResult(string.Empty)));
        return tool;
    }
}
