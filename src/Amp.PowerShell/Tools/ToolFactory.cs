using System.Collections.ObjectModel;
using System.Management.Automation;
using Amp.Text;

namespace Amp.PowerShell.Tools;

/// <summary>Creates tools from commands, names of commands and script blocks.</summary>
internal sealed class ToolFactory
{
    // With the prefix "mcp__ps__", which the CLI drops from names of 64 characters or more.
    private const int LongestName = 54;
    private const int LongestText = 400;

    /// <summary>The only parameter of a tool that accepts scripts.</summary>
    public const string ScriptParameter = "Script";

    private readonly PSCmdlet _cmdlet;

    /// <param name="cmdlet">The cmdlet in whose caller's session commands are searched.</param>
    public ToolFactory(PSCmdlet cmdlet) => _cmdlet = cmdlet;

    /// <summary>Creates a tool from a command.</summary>
    /// <param name="given">A <see cref="CommandInfo"/> or the name of a command.</param>
    /// <param name="name">The name of the tool; null for the name of the command.</param>
    /// <param name="description">The description; null for the one in the command's comments.</param>
    /// <param name="parameterSet">The parameter set that the agent can use; null for the default one.</param>
    /// <param name="canPretend">Whether the command can be called with <c>-WhatIf</c>. A toolbox never does this.</param>
    /// <exception cref="AmpValidationException">The command does not exist, or the agent cannot use it.</exception>
    public CommandTool OfCommand(object given, string? name, string? description, string? parameterSet, bool canPretend = true)
    {
        CommandInfo command = given as CommandInfo ?? Find((string)given);
        CommandInfo resolved = Resolve(command);
        if (resolved is ApplicationInfo)
        {
            throw new AmpValidationException(
                $"'{command.Name}' is a native program, so its parameters are not known.",
                "Tool",
                "Wrap it in a script block with parameters: { param([string] $Path) program $Path }.",
                command.Name);
        }

        ToolHelp help = ToolHelp.Of(resolved);
        ToolParameters parameters = ToolParameters.Of(resolved, parameterSet, help);
        string text = command.Name;
        return new CommandTool(
            name ?? SafeName(Path.GetFileNameWithoutExtension(command.Name)),
            Describe(description ?? help.Synopsis ?? $"The PowerShell command {text}.", parameters, canPretend),
            Target(command),
            text,
            parameters)
        {
            IsNameChosen = name is not null,
        };
    }

    /// <summary>Creates a tool from a script block.</summary>
    /// <exception cref="AmpValidationException">The agent cannot use the script.</exception>
    public static CommandTool OfScript(ScriptBlock script, string? name, string? description, string? parameterSet)
    {
        ToolHelp help = ToolHelp.Of(script);
        ToolParameters parameters = ToolParameters.Of(AsFunction(script), parameterSet, help, name is null ? "the script block" : $"the script block '{name}'");
        string text = script.ToString().Trim();
        string shown = TruncatedText.Shown(text, LongestText);
        return new CommandTool(
            name ?? "Script",
            Describe(description ?? help.Synopsis ?? $"Runs this PowerShell script: {shown}", parameters, canPretend: true),
            script,
            text,
            parameters)
        {
            IsNameChosen = name is not null,
        };
    }

    /// <summary>Creates a tool that accepts scripts of allowed commands.</summary>
    public static CommandTool OfPolicy(CommandPolicy policy, string? name, string? description)
    {
        CommandTool tool = OfScript(
            ScriptBlock.Create($"param([Parameter(Mandatory, HelpMessage = 'The script text.')] [string] ${ScriptParameter})"), name ?? "PowerShell", description
                ?? "Runs PowerShell pipelines and returns their objects as JSON. Shell quoting is not required. The only variable is $_; "
                + $"assignments, types and method calls are not allowed. The commands are: {policy.Allowed}.", null);
        return new CommandTool(tool.Name, tool.Description, tool.Target, policy.Allowed, tool.Parameters) { Policy = policy, IsNameChosen = name is not null };
    }

    /// <summary>Gives unique names to the tools whose names the user did not choose.</summary>
    public static IReadOnlyList<CommandTool> WithUniqueNames(IEnumerable<CommandTool> tools)
    {
        CommandTool[] all = [.. tools];
        HashSet<string> taken = new(all.Where(tool => tool.IsNameChosen).Select(tool => Key(tool.Name)), StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < all.Length; i++)
        {
            if (all[i].IsNameChosen)
            {
                continue;
            }

            string name = all[i].Name;
            for (int number = 2; !taken.Add(Key(name)); number++)
            {
                string suffix = $"_{number}";
                name = all[i].Name[..Math.Min(all[i].Name.Length, LongestName - suffix.Length)] + suffix;
            }

            all[i] = name == all[i].Name ? all[i] : all[i].Named(name);
        }

        return all;
    }

    private static string Key(string name) => name.Replace('-', '_').Replace("__", "_", StringComparison.Ordinal);

    private static string SafeName(string name)
    {
        string safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_')).Trim('_', '-');
        return safe.Length == 0 ? "Command" : safe[..Math.Min(safe.Length, LongestName)];
    }

    private static string Describe(string description, ToolParameters parameters, bool canPretend) => parameters.SupportsShouldProcess && canPretend
        ? $"{description} It may be run with -WhatIf, which changes nothing."
        : description;

    private static CommandInfo Resolve(CommandInfo command)
    {
        while (command is AliasInfo alias)
        {
            command = alias.ResolvedCommand ?? throw new AmpValidationException(
                $"The alias '{alias.Name}' does not resolve to a command.", "Tool", "Give an existing command.", alias.Name);
        }

        return command;
    }

    private CommandInfo Find(string name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new AmpValidationException("The command name of a tool is empty.", "Tool", "Give the name of a command.", name);
        }

        return _cmdlet.InvokeCommand.GetCommand(name, CommandTypes.All) ?? throw new AmpValidationException(
            $"There is no command '{name}'.", "Tool", "Give the name of a command of this session, or a script block.", name);
    }

    // By name, a call resolves as in the caller's own scripts, including functions and mocks. But a command that another module's command
    // hides is not replaced by that one.
    private object Target(CommandInfo command)
    {
        // A private function is visible only in its own scope, and a call comes from another one.
        if (command is FunctionInfo { Options: ScopedItemOptions options } && options.HasFlag(ScopedItemOptions.Private))
        {
            return command;
        }

        // The module makes the call, and PowerShell does not show functions of a restricted session to trusted code.
        if (command is FunctionInfo && _cmdlet.SessionState.LanguageMode != PSLanguageMode.FullLanguage)
        {
            return command;
        }

        CommandInfo? seen = command is ExternalScriptInfo ? null : _cmdlet.InvokeCommand.GetCommand(command.Name, CommandTypes.All);
        return seen is null || (seen.ModuleName != command.ModuleName && seen is not AliasInfo && !string.IsNullOrEmpty(seen.ModuleName))
            ? command
            : command.Name;
    }

    // PowerShell reports parameters only for a function. This one exists only in its scope.
    private static CommandInfo AsFunction(ScriptBlock script)
    {
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddScript(
            "param($__ampScript) ${function:local:__AmpTool} = $__ampScript; Microsoft.PowerShell.Core\\Get-Command __AmpTool -CommandType Function",
            useLocalScope: true).AddArgument(script);
        Collection<CommandInfo> found = shell.Invoke<CommandInfo>();
        _ = found[0].ParameterSets.Count;
        return found[0];
    }
}
