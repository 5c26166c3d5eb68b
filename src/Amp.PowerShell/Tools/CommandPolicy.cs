using System.Management.Automation;
using Amp.Text;

namespace Amp.PowerShell.Tools;

/// <summary>
/// Determines which commands of the session the agent's scripts can call: those that are allowed by name or pattern, depending on what they
/// can do. A pattern matches only commands that read.
/// </summary>
internal sealed class CommandPolicy
{
    // PowerShell's approved verbs for commands that change nothing. With any other verb and without -WhatIf, a command can do anything.
    private static readonly HashSet<string> s_readingVerbs = new(StringComparer.OrdinalIgnoreCase)
    {
        "Compare", "ConvertFrom", "ConvertTo", "Find", "Format", "Get", "Group", "Join", "Measure", "Resolve", "Search", "Select", "Sort", "Split", "Test", "Where",
    };

    // They read the secrets of the session, or prompt at the console.
    private static readonly HashSet<string> s_byNameOnly = new(StringComparer.OrdinalIgnoreCase)
    {
        "Get-Variable", "Get-Credential", "Get-Clipboard", "Get-History", "Get-Secret", "Get-Runspace", "Get-PSBreakpoint", "Get-PSCallStack",
    };

    private readonly WildcardPattern[] _patterns;
    private readonly HashSet<string> _names;

    /// <param name="allowed">Names of commands, or patterns of names.</param>
    public CommandPolicy(IReadOnlyList<string> allowed)
    {
        _names = new HashSet<string>(allowed.Where(name => !WildcardPattern.ContainsWildcardCharacters(name)), StringComparer.OrdinalIgnoreCase);
        _patterns = [.. allowed.Where(WildcardPattern.ContainsWildcardCharacters).Select(name => new WildcardPattern(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant))];
        Allowed = string.Join(", ", allowed);
    }

    /// <summary>The allowed commands, in words.</summary>
    public string Allowed { get; }

    /// <summary>
    /// Finds a command as the caller's own script would, and checks it. Nothing is loaded for a name that is not allowed.
    /// </summary>
    /// <param name="name">The name in the agent's script.</param>
    /// <param name="session">The cmdlet in whose caller's session the command is searched.</param>
    /// <param name="allowChange">Whether changes are allowed in this run.</param>
    /// <param name="refusal">The reason why it cannot be called.</param>
    public CommandInfo? Find(string name, PSCmdlet session, bool allowChange, out string? refusal)
    {
        refusal = $"the command '{Shown(name)}' is not allowed";
        if (!ScriptGate.IsPlainName(name))
        {
            return null;
        }

        CommandInfo? command = Alias(name, session);
        string resolvedName = command?.Name ?? name;
        bool isNamed = _names.Contains(resolvedName);
        if (!isNamed && (s_byNameOnly.Contains(resolvedName) || !Array.Exists(_patterns, pattern => pattern.IsMatch(resolvedName))))
        {
            return null;
        }

        command ??= session.InvokeCommand.GetCommand(name, CommandTypes.Function | CommandTypes.Filter | CommandTypes.Cmdlet);
        if (command is not (CmdletInfo or FunctionInfo) || !ScriptGate.IsPlainName(command.Name)
            || !command.Name.Equals(resolvedName, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        refusal = IsData(command) ? null : Judge(command, isNamed, allowChange);
        return refusal is null ? command : null;
    }

    /// <summary>Returns whether a command only processes objects, so that it runs in the process of the script.</summary>
    public static bool IsData(CommandInfo command) =>
        command is CmdletInfo cmdlet && GateChild.DataCommands.Contains(cmdlet.Name)
        && cmdlet.ModuleName is "Microsoft.PowerShell.Core" or "Microsoft.PowerShell.Utility";

    /// <summary>Returns whether a command supports <c>-WhatIf</c>.</summary>
    public static bool SupportsShouldProcess(CommandInfo command) =>
        command.ParameterSets.Any(set => set.Parameters.Any(parameter => parameter.Name == "WhatIf"));

    private static string? Judge(CommandInfo command, bool isNamed, bool allowChange)
    {
        string name = command.Name;
        if (SupportsShouldProcess(command))
        {
            return isNamed ? null : $"the command '{name}' can change something, and is not allowed by its full name";
        }

        int hyphen = name.IndexOf('-', StringComparison.Ordinal);
        if (hyphen > 0 && s_readingVerbs.Contains(name[..hyphen]))
        {
            return null;
        }

        return !isNamed ? $"the command '{name}' may change something, and is not allowed by its full name"
            : allowChange ? null
            : $"the command '{name}' may change something and does not support -WhatIf, and changes are not allowed in this run";
    }

    // With a path, because a search for the command would load modules that may contain it.
    private static CommandInfo? Alias(string name, PSCmdlet session)
    {
        string path = $"Microsoft.PowerShell.Core\\Alias::{(name == "?" ? "`?" : name)}";
        CommandInfo? command = session.InvokeProvider.Item.Exists(path)
            ? session.InvokeProvider.Item.Get(path).FirstOrDefault()?.BaseObject as CommandInfo
            : null;
        while (command is AliasInfo alias)
        {
            command = alias.ResolvedCommand;
        }

        return command;
    }

    private static string Shown(string name) => TerminalText.Strip(TruncatedText.Shown(name, 60));
}
