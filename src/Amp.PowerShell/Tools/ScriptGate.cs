using System.Management.Automation.Language;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Amp.PowerShell.Tools;

/// <summary>
/// Lets through only scripts that call nothing but allowed commands. It knows what a script may be made of, and refuses all else: what
/// nobody thought of cannot slip through.
/// </summary>
internal sealed partial class ScriptGate
{
    // A longer text could nest deeper than a stack reaches.
    private const int LongestScript = 8 * 1024;

    // With these names alone, a pattern of the caller's does not allow a command: each of them can run or reach anything.
    private static readonly HashSet<string> s_byNameOnly = new(StringComparer.OrdinalIgnoreCase)
    {
        "Invoke-Expression", "Invoke-Command", "Invoke-History", "Invoke-Item", "Invoke-WmiMethod", "Invoke-CimMethod", "Add-Type", "New-Object",
        "Start-Process", "Start-Job", "Start-ThreadJob", "New-Module", "Import-Module", "Set-Alias", "New-Alias", "Import-Alias", "Set-Variable",
        "New-Variable", "Clear-Variable", "Get-Variable", "Set-Item", "New-Item", "Set-Content", "Set-PSBreakpoint", "Register-ObjectEvent",
        "Register-EngineEvent", "Set-StrictMode", "Update-TypeData", "Update-FormatData", "Enter-PSSession", "New-PSSession", "Trace-Command",
    };

    // They write variables, or undo -WhatIf.
    private static readonly string[] s_refusedParameters =
        ["OutVariable", "ErrorVariable", "WarningVariable", "InformationVariable", "PipelineVariable", "WhatIf", "Confirm"];

    private static readonly HashSet<string> s_refusedAliases = new(StringComparer.OrdinalIgnoreCase) { "ov", "ev", "wv", "iv", "pv", "wi", "cf" };

    private static readonly HashSet<string> s_variables = new(StringComparer.OrdinalIgnoreCase) { "_", "PSItem", "true", "false", "null" };

    private static readonly HashSet<string> s_forEachParameters = new(StringComparer.OrdinalIgnoreCase) { "Process", "Begin", "End", "InputObject" };

    private static readonly HashSet<Type> s_nodes =
    [
        typeof(ScriptBlockAst), typeof(NamedBlockAst), typeof(StatementBlockAst), typeof(PipelineAst), typeof(CommandAst),
        typeof(CommandParameterAst), typeof(CommandExpressionAst), typeof(MergingRedirectionAst), typeof(StringConstantExpressionAst),
        typeof(ExpandableStringExpressionAst), typeof(ConstantExpressionAst), typeof(ArrayLiteralAst), typeof(ArrayExpressionAst),
        typeof(ParenExpressionAst), typeof(SubExpressionAst), typeof(HashtableAst), typeof(VariableExpressionAst), typeof(BinaryExpressionAst),
        typeof(UnaryExpressionAst), typeof(MemberExpressionAst), typeof(IndexExpressionAst),
        typeof(ScriptBlockExpressionAst), typeof(IfStatementAst),
    ];

    // Not those that take a type, and not the one that makes gigabytes of a letter.
    private static readonly HashSet<TokenKind> s_refusedOperators = [TokenKind.Is, TokenKind.IsNot, TokenKind.As, TokenKind.Multiply, TokenKind.DotDot];

    private static readonly HashSet<TokenKind> s_unaryOperators =
        [TokenKind.Not, TokenKind.Exclaim, TokenKind.Minus, TokenKind.Plus, TokenKind.Join, TokenKind.Isplit, TokenKind.Csplit];

    private readonly WildcardPattern[] _patterns;
    private readonly HashSet<string> _names;

    /// <param name="allowed">Names of commands, or patterns of names.</param>
    public ScriptGate(IReadOnlyList<string> allowed)
    {
        _names = new HashSet<string>(allowed.Where(name => !WildcardPattern.ContainsWildcardCharacters(name)), StringComparer.OrdinalIgnoreCase);
        _patterns = [.. allowed.Where(WildcardPattern.ContainsWildcardCharacters).Select(name => new WildcardPattern(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant))];
        Allowed = string.Join(", ", allowed);
    }

    /// <summary>What is allowed, in words.</summary>
    public string Allowed { get; }

    /// <summary>Checks a script.</summary>
    /// <param name="text">The script.</param>
    /// <param name="commands">Finds commands as the script would.</param>
    /// <param name="allowChange">Whether commands that know <c>-WhatIf</c> are called without it.</param>
    /// <param name="pretends">Whether one is called with it.</param>
    /// <exception cref="ArgumentException">It does what is not allowed; nothing of it was run.</exception>
    public ScriptBlock Admit(string text, CommandInvocationIntrinsics commands, bool allowChange, out bool pretends)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw Refused("it is empty");
        }

        if (text.Length > LongestScript)
        {
            throw Refused($"it has more than {LongestScript} characters");
        }

        // Already to read such a statement loads modules.
        if (LoadingStatement().IsMatch(text))
        {
            throw Refused("'using' and 'configuration' are not allowed");
        }

        ScriptBlockAst script = Parser.ParseInput(text, out Token[] tokens, out ParseError[] errors);
        if (errors.Length > 0)
        {
            throw Refused($"it cannot be read: {errors[0].Message}");
        }

        if (Array.Exists(tokens, token => token.Kind is TokenKind.Ampersand))
        {
            // At the front it calls what a text names, at the end it starts a job.
            throw Refused("'&' is not allowed");
        }

        if (script.EndBlock is { Statements.Count: 0 } && script.BeginBlock is null && script.ProcessBlock is null)
        {
            throw Refused("it does nothing");
        }

        List<int> pretended = [];
        foreach (Ast node in script.FindAll(static _ => HasStack(), searchNestedScriptBlocks: true))
        {
            if (Complaint(node) is string complaint)
            {
                throw Refused(complaint);
            }

            if (node is CommandAst command && SupportsShouldProcess(command, commands) && !allowChange)
            {
                pretended.Add(command.CommandElements[0].Extent.EndOffset);
            }
        }

        pretends = pretended.Count > 0;
        foreach (int place in pretended.OrderDescending())
        {
            text = text.Insert(place, " -WhatIf");
        }

        return ScriptBlock.Create(text);
    }

    private static string? Complaint(Ast node)
    {
        if (!s_nodes.Contains(node.GetType()))
        {
            return $"{Name(node)} is not allowed: {Short(node.Extent.Text)}";
        }

        return node switch
        {
            ScriptBlockAst { ParamBlock: not null } => "parameters are not allowed",
            ScriptBlockAst { ScriptRequirements: not null } => "#Requires is not allowed",
            ScriptBlockAst block when block.UsingStatements.Count > 0 => "'using' is not allowed",
            ScriptBlockAst block when block.BeginBlock is not null || block.ProcessBlock is not null || block.DynamicParamBlock is not null => "named blocks are not allowed",
            NamedBlockAst { Unnamed: false } => "named blocks are not allowed",
            VariableExpressionAst variable when variable.Splatted || !s_variables.Contains(variable.VariablePath.UserPath) =>
                $"the variable {Short(variable.Extent.Text)} is not allowed; only $_ is",
            BinaryExpressionAst binary when s_refusedOperators.Contains(binary.Operator) => $"the operator {Short(binary.ErrorPosition.Text)} is not allowed",
            UnaryExpressionAst unary when !s_unaryOperators.Contains(unary.TokenKind) => $"the operator of {Short(unary.Extent.Text)} is not allowed",
            MemberExpressionAst member when member.Static || member.Member is not StringConstantExpressionAst =>
                $"only a property by its name is allowed: {Short(member.Extent.Text)}",
            _ => null,
        };
    }

    // The walk goes as deep as the script is nested, and a stack that overflows takes PowerShell with it.
    private static bool HasStack()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return true;
    }

    private static bool IsRefusedParameter(string name) =>
        s_refusedAliases.Contains(name)
        || Array.Exists(s_refusedParameters, refused => refused.StartsWith(name, StringComparison.OrdinalIgnoreCase));

    private static string Name(Ast node) => node.GetType().Name[..^3];

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";

    private ArgumentException Refused(string reason) => new(
        $"The script was not run: {reason}. It may be made of pipelines of these commands, with script blocks, properties and operators: {Allowed}.");

    // True where it knows -WhatIf.
    private bool SupportsShouldProcess(CommandAst call, CommandInvocationIntrinsics commands)
    {
        string text = Short(call.CommandElements[0].Extent.Text);
        if (call.InvocationOperator != TokenKind.Unknown || call.DefiningKeyword is not null
            || call.CommandElements[0] is not StringConstantExpressionAst { StringConstantType: StringConstantType.BareWord } name
            || !CommandName().IsMatch(name.Value))
        {
            throw Refused($"a command has to be called by its plain name: {text}");
        }

        CommandInfo? command = commands.GetCommand(name.Value, CommandTypes.All);
        while (command is AliasInfo alias)
        {
            command = alias.ResolvedCommand;
        }

        if (command is not (CmdletInfo or FunctionInfo) || !IsAllowed(command.Name))
        {
            throw Refused($"the command '{name.Value}' is not allowed");
        }

        foreach (CommandParameterAst parameter in call.CommandElements.OfType<CommandParameterAst>())
        {
            if (IsRefusedParameter(parameter.ParameterName))
            {
                throw Refused($"the parameter '-{parameter.ParameterName}' is not allowed; write other parameters in full");
            }
        }

        if (command.Name.Equals("ForEach-Object", StringComparison.OrdinalIgnoreCase))
        {
            CheckForEach(call);
        }

        return command.ParameterSets.Any(set => set.Parameters.Any(parameter => parameter.Name == "WhatIf"))
            && command.Name is not "ForEach-Object";
    }

    // With a name instead of a script block it calls methods.
    private void CheckForEach(CommandAst call)
    {
        foreach (CommandElementAst element in call.CommandElements.Skip(1))
        {
            bool isAllowed = element is CommandParameterAst parameter
                ? s_forEachParameters.Contains(parameter.ParameterName) && (parameter.Argument is null or ScriptBlockExpressionAst)
                : element is ScriptBlockExpressionAst;
            if (!isAllowed)
            {
                throw Refused($"ForEach-Object takes script blocks only: {Short(element.Extent.Text)}");
            }
        }
    }

    private bool IsAllowed(string name) =>
        _names.Contains(name) || (!s_byNameOnly.Contains(name) && Array.Exists(_patterns, pattern => pattern.IsMatch(name)));

    [GeneratedRegex(@"(?:^|[;{}()|&>\r\n])\s*(?:using|configuration)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LoadingStatement();

    [GeneratedRegex(@"^(?:[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*|%|\?)$", RegexOptions.CultureInvariant)]
    private static partial Regex CommandName();
}
