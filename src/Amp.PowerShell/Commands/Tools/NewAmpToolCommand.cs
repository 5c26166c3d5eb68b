using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.Tools;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Makes a tool for the agent of a command or a script block of this session, for <c>-Tool</c> of <c>Invoke-AmpAgent</c>; or, of a script's
/// file, an executable in a toolbox, for every run of the CLI that is given that folder.
/// </summary>
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

    // They show and sort what there is. None reads by a provider, where variables of the environment and their secrets are.
    private static readonly string[] s_allowed =
    [
        "Compare-Object", "ConvertFrom-Csv", "ConvertFrom-Json", "ConvertTo-Csv", "ConvertTo-Json", "ForEach-Object", "Get-Command", "Get-Date",
        "Get-Member", "Get-Process", "Get-Service", "Group-Object", "Measure-Object", "Select-Object", "Sort-Object", "Where-Object",
    ];

    /// <summary>The tool's name: letters, digits, hyphens and underscores.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ScriptBlockSet)]
    [Parameter(ParameterSetName = CommandSet)]
    [Parameter(ParameterSetName = ToolboxSet)]
    [Parameter(ParameterSetName = PowerShellSet)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The script that is run; its parameters are the tool's.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ScriptBlockSet)]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>The command that is called: what <c>Get-Command</c> gives, or a name.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = CommandSet)]
    public PSObject? Command { get; set; }

    /// <summary>The script's file, of which a toolbox gets a tool. Its parameters and comments are read now: make the tool again when they change.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ToolboxSet)]
    [Alias("PSPath", "LP")]
    public string? LiteralPath { get; set; }

    /// <summary>The toolbox: the folder that the executable is written to.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ToolboxSet)]
    public string? Toolbox { get; set; }

    /// <summary>Replaces an executable of the same name.</summary>
    [Parameter(ParameterSetName = ToolboxSet)]
    public SwitchParameter Force { get; set; }

    /// <summary>What the tool does and when to use it, for the model; by default what the command's comments say.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    /// <summary>The parameter set that the agent can use; by default the command's default one.</summary>
    [Parameter(ParameterSetName = ScriptBlockSet)]
    [Parameter(ParameterSetName = CommandSet)]
    [Parameter(ParameterSetName = ToolboxSet)]
    [Alias("ParameterSetName")]
    [ValidateNotNullOrEmpty]
    public string? ParameterSet { get; set; }

    /// <summary>Makes a tool that takes scripts: each is checked before it runs, and refused unless all it calls is allowed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PowerShellSet)]
    public SwitchParameter PowerShell { get; set; }

    /// <summary>
    /// The commands that such a script may call, names or patterns; by default some that show processes and services and sort objects. A
    /// pattern admits only commands that read; what may change something has to be named in full. A command that reads paths reaches
    /// <c>env:</c> with its secrets too.
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
        // This PowerShell, where it is one: a host may be another program.
        string home = SessionState.PSVariable.GetValue("PSHOME") as string ?? string.Empty;
        string powerShell = Path.Combine(home, OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh");
        try
        {
            return ToolboxFile.Write(toolbox, tool, script, File.Exists(powerShell) ? powerShell : "pwsh");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpValidationException(
                $"The tool cannot be written to '{toolbox}': {exception.Message}", nameof(Toolbox), "Give a folder that can be written to.", toolbox);
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
            return factory.OfCommand(command, Name, Description, ParameterSet);
        }
        catch (RuntimeException exception)
        {
            throw new AmpValidationException(
                $"'{script}' cannot be read: {exception.Message}", nameof(LiteralPath), "Fix the error in the script.", script);
        }
    }

    // What a run would refuse is refused where it is made.
    private static CommandTool CheckName(CommandTool tool)
    {
        _ = new AmpTool(tool.Name, tool.Description, tool.InputSchema, (_, _) => Task.FromResult(new ToolResult(string.Empty)));
        return tool;
    }
}
