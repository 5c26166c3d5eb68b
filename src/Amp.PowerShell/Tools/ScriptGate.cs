using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Amp.Text;

namespace Amp.PowerShell.Tools;

/// <summary>
/// Checks scripts of the agent, in a process that contains nothing else (<see cref="GateProcess"/>). Only allowed syntax is accepted;
/// everything else is refused with a reason. The process limits what a script can do, and the caller's process decides about its commands
/// (<see cref="CommandPolicy"/>).
/// </summary>
internal static partial class ScriptGate
{
    // A longer text could be nested deeper than the stack allows.
    private const int LongestScript = 8 * 1024;

    // They write variables, or undo -WhatIf.
    private static readonly string[] s_refusedParameters =
        ["OutVariable", "ErrorVariable", "WarningVariable", "InformationVariable", "PipelineVariable", "WhatIf", "Confirm", "AsJob"];

    // Newer than the reference assembly.
    private static readonly PropertyInfo? s_background = typeof(PipelineAst).GetProperty("Background");

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

    // Not those that take a type, and not the one that can create gigabytes of text.
    private static readonly HashSet<TokenKind> s_refusedOperators = [TokenKind.Is, TokenKind.IsNot, TokenKind.As, TokenKind.Multiply, TokenKind.DotDot];

    private static readonly HashSet<TokenKind> s_unaryOperators =
        [TokenKind.Not, TokenKind.Exclaim, TokenKind.Minus, TokenKind.Plus, TokenKind.Join, TokenKind.Isplit, TokenKind.Csplit];

    /// <summary>Parses and checks a script.</summary>
    /// <exception cref="ArgumentException">The script contains syntax that is not allowed.</exception>
    public static ScriptBlockAst Read(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw Refused("it is empty");
        }

        if (text.Length > LongestScript)
        {
            throw Refused($"it has more than {LongestScript} characters");
        }

        ScriptBlockAst script = Parse(text, out ParseError[] errors);
        if (errors.Length > 0)
        {
            throw Refused($"it cannot be read: {errors[0].Message}");
        }

        if (script.EndBlock is { Statements.Count: 0 } && script.BeginBlock is null && script.ProcessBlock is null)
        {
            throw Refused("it does nothing");
        }

        foreach (Ast node in script.FindAll(static _ => HasStack(), searchNestedScriptBlocks: true))
        {
            if (Complaint(node) is string complaint)
            {
                throw Refused(complaint);
            }
        }

        return script;
    }

    /// <summary>Checks a call of a command.</summary>
    /// <param name="call">The call.</param>
    /// <param name="data">The name of the command if it only processes objects in the process of the script; otherwise null.</param>
    /// <exception cref="ArgumentException">The call is not allowed.</exception>
    public static void CheckCall(CommandAst call, string? data)
    {
        foreach (CommandParameterAst parameter in call.CommandElements.OfType<CommandParameterAst>())
        {
            if (IsRefusedParameter(parameter.ParameterName))
            {
                throw Refused($"the parameter '-{parameter.ParameterName}' is not allowed; write other parameters in full");
            }
        }

        if (data == "ForEach-Object")
        {
            CheckForEach(call);
        }
    }

    /// <summary>Creates the error for a script that is refused.</summary>
    public static ArgumentException Refused(string reason) => new($"The script was not run: {reason}.");

    /// <summary>Returns whether the text is the plain name of a command, without path, module or pattern.</summary>
    public static bool IsPlainName(string name) => CommandName().IsMatch(name);

    /// <summary>Returns whether the text is, or abbreviates, the name of a parameter that scripts of the agent cannot use.</summary>
    /// <remarks>
    /// <c>Where-Object</c> has a parameter <c>-In</c>. For other commands, <c>-In</c> is ambiguous and does not abbreviate a parameter.
    /// </remarks>
    public static bool IsRefusedParameter(string name) =>
        s_refusedAliases.Contains(name)
        || (!name.Equals("In", StringComparison.OrdinalIgnoreCase)
            && Array.Exists(s_refusedParameters, refused => refused.StartsWith(name, StringComparison.OrdinalIgnoreCase)));

    private static string? Complaint(Ast node)
    {
        if (!s_nodes.Contains(node.GetType()))
        {
            return $"{Name(node)} is not allowed: {Short(node.Extent.Text)}";
        }

        return node switch
        {
            // Also inside nested strings, because the following text would continue after the call.
            PipelineAst pipeline when IsBackground(pipeline) => "'&' at the end of a pipeline is not allowed",
            CommandAst command => CallComplaint(command),
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

    private static ScriptBlockAst Parse(string text, out ParseError[] errors)
    {
        try
        {
            return Parser.ParseInput(text, out _, out errors);
        }
        catch (RuntimeException exception)
        {
            // PowerShell's own parser throws for some texts, such as an incomplete type definition inside a string.
            throw Refused($"it cannot be read: {exception.Message}");
        }
    }

    // The recursion is as deep as the script is nested, and a stack overflow terminates PowerShell.
    private static bool HasStack()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return true;
    }

    private static bool IsBackground(PipelineAst pipeline) => s_background is null || s_background.GetValue(pipeline) is true;

    private static string? CallComplaint(CommandAst call) =>
        call.InvocationOperator != TokenKind.Unknown || call.DefiningKeyword is not null
            || call.CommandElements[0] is not StringConstantExpressionAst { StringConstantType: StringConstantType.BareWord } name || !IsPlainName(name.Value)
            ? $"a command must be called by its plain name: {Short(call.CommandElements[0].Extent.Text)}"
            : null;

    private static string Name(Ast node) => node.GetType().Name[..^3];

    private static string Short(string text) => TruncatedText.Shown(text, 60);

    // With a name instead of a script block, it calls methods.
    private static void CheckForEach(CommandAst call)
    {
        foreach (CommandElementAst element in call.CommandElements.Skip(1))
        {
            bool isAllowed = element is CommandParameterAst parameter
                ? s_forEachParameters.Contains(parameter.ParameterName) && (parameter.Argument is null or ScriptBlockExpressionAst)
                : element is ScriptBlockExpressionAst;
            if (!isAllowed)
            {
                throw Refused($"ForEach-Object accepts only script blocks: {Short(element.Extent.Text)}");
            }
        }
    }

    [GeneratedRegex(@"\A(?:[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*|%|\?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex CommandName();
}
