using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;
using Amp.PowerShell.Tools;

namespace Amp.PowerShell.Commands;

/// <summary>Creates a tool for the agent from a command, a script block or a script file.</summary>
/// <example>
///   <code>New-AmpTool -LiteralPath ./Get-Stock.ps1 -Toolbox ~/amp-tools; Invoke-AmpAgent 'What is low?' -Toolbox ~/amp-tools</code>
/// </example>
[Cmdlet(VerbsCommon.New, "AmpTool", DefaultParameterSetName = ScriptBlockSet, SupportsShouldProcess = true)]
[OutputType(typeof(CommandTool), ParameterSetName = [ScriptBlockSet, CommandSet, PowerShellSet])]
[OutputType(typeof(FileInfo), ParameterSetName = [ToolboxSet])]
public sealed class NewAmpToolCommand : AmpCmdlet
{
    private const string ScriptBlockSet = "ScriptBlock";
    private const string CommandSet = "Command";
    private const string ToolboxSet = "Toolbox";
    private const string PowerShellSet = "PowerShell";

    // They show and sort existing data. None reads from a provider, which includes environment variables and their secrets.
    private static readonly string[] s_allowed =
    [
        "Compare-Object", "ConvertFrom-Csv", "ConvertFrom-Json", "ConvertTo-Csv", "ConvertTo-Json", "ForEach-Object", "Get-Command", "Get-Date",
        "Get-Member", "Get-Process", "Get-Service", "Group-Object", "Measure-Object", "Select-Object", "Sort-Object", "Where-Object",
    ];

    /// <summary>The name of the tool: letters, digits, hyphens and underscores.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ScriptBlockSet)]
    [Parameter(ParameterSetName = CommandSet)]
    [Parameter(ParameterSetName = ToolboxSet)]
    [Parameter(ParameterSetName = PowerShellSet)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The script to run. Its parameters become those of the tool.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ScriptBlockSet)]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>The command to call: a command from <c>Get-Command</c>, or a name.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = CommandSet)]
    public PSObject? Command { get; set; }

    /// <summary>
    /// The script file to create a toolbox tool from. Its parameters and comments are read now; create the tool again when they change.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ToolboxSet)]
    [Alias("PSPath", "LP")]
    public string? LiteralPath { get; set; }

    /// <summary>
    /// The folder that the executable is written to: the toolbox. The executable never runs the script with <c>-WhatIf</c>, even if the script supports it.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ToolboxSet)]
    public string? Toolbox { get; set; }

    /// <summary>Replaces an existing executable of the same name.</summary>
    [Parameter(ParameterSetName = ToolboxSet)]
    public SwitchParameter Force { get; set; }

    /// <summary>What the tool does and when to use it, for the model. The default is the text in the command's comments.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    /// <summary>The parameter set that the agent can use. The default is the command's default parameter set.</summary>
    [Parameter(ParameterSetName = ScriptBlockSet)]
    [Parameter(ParameterSetName = CommandSet)]
    [Parameter(ParameterSetName = ToolboxSet)]
    [Alias("ParameterSetName")]
    [ValidateNotNullOrEmpty]
    public string? ParameterSet { get; set; }

    /// <summary>
    /// Creates a tool that accepts scripts. Each script is checked before it runs, and refused unless everything it calls is allowed.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = PowerShellSet)]
    public SwitchParameter PowerShell { get; set; }

    /// <summary>
    /// The names or patterns of the commands that the scripts can call. By default, some commands that show processes and services and sort
    /// objects. A pattern matches only commands that read; give the full name of a command that can change something. A command that reads
    /// paths can also read <c>env:</c> with its secrets.
    /// </summary>
    [Parameter(ParameterSetName = PowerShellSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] AllowedCommand { get; set; } = s_allowed;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ToolFactory factory = new(this);
        if (ParameterSetName == ToolboxSet)
        {
            WriteExecutable(factory);
            return;
        }

        WriteObject(OrThrow(() => CheckName(
            PowerShell ? ToolFactory.OfPolicy(new CommandPolicy(AllowedCommand), Name, Description)
            : Command is null
            ? ToolFactory.OfScript(ScriptBlock!, Name, Description, ParameterSet)
            : Command.BaseObject is CommandInfo or string
                ? factory.OfCommand(Command.BaseObject, Name, Description, ParameterSet)
                : throw new AmpValidationException(
                    $"An object of type {Command.BaseObject.GetType()} is not a command.",
                    nameof(Command),
                    "Give a command from Get-Command, or the name of one.",
                    Command.BaseObject))));
    }

    private void WriteExecutable(ToolFactory factory)
    {
        string script = OrThrow(() => ResolveFilePath(LiteralPath!, nameof(LiteralPath)));
        string toolbox = OrThrow(() => ResolveFilePath(Toolbox!, nameof(Toolbox)));
        CommandTool tool = OrThrow(() => CheckName(OfFile(factory, script)));
        string path = ToolboxFile.PathOf(toolbox, tool.Name);
        if (File.Exists(path) && !Force)
        {
            Refuse($"'{path}' already exists.", nameof(Name), "Use -Force to replace it, or give another name.");
        }

        if (ShouldProcess(path, $"Write an executable that runs '{script}'"))
        {
            WriteObject(OrThrow(() => Write(toolbox, tool, script)));
        }
    }

    private FileInfo Write(string toolbox, CommandTool tool, string script)
    {
        // This PowerShell, if the process is one. A host may be another program.
        string home = SessionState.PSVariable.GetValue("PSHOME") as string ?? string.Empty;
        try
        {
            return ToolboxFile.Write(toolbox, tool, script, OwnPowerShell.Find(home) ?? ["pwsh"]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpValidationException(
                $"The tool cannot be written to '{toolbox}': {exception.Message}", nameof(Toolbox), "Give a folder that you can write to.", toolbox);
        }
    }

    private CommandTool OfFile(ToolFactory factory, string script)
    {
        if (!File.Exists(script) || !script.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase)
            || InvokeCommand.GetCommand(script, CommandTypes.ExternalScript) is not ExternalScriptInfo command)
        {
            throw new AmpValidationException(
                $"'{script}' is not a PowerShell script.", nameof(LiteralPath), "Give the path of a .ps1 file.", script);
        }

        try
        {
            return factory.OfCommand(command, Name, Description, ParameterSet, canPretend: false);
        }
        catch (RuntimeException exception)
        {
            throw new AmpValidationException(
                $"'{script}' cannot be read: {exception.Message}", nameof(LiteralPath), "Fix the error in the script.", script);
        }
    }

    // A tool that a run would refuse is refused when it is created.
    private static CommandTool CheckName(CommandTool tool)
    {
        _ = new AmpTool(tool.Name, tool.Description, tool.InputSchema, (_, _) => Task.FromResult(new ToolResult(string.Empty)));
        return tool;
    }
}
