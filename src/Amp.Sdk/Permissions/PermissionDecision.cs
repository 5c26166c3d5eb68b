using System.Collections.Specialized;

namespace Amp;

/// <summary>The decision of the CLI's rules about a tool call.</summary>
public sealed class PermissionDecision
{
    internal PermissionDecision(string tool, OrderedDictionary argument, PermissionContext context)
    {
        Tool = tool;
        Argument = argument;
        Context = context;
    }

    /// <summary>The tool.</summary>
    public string Tool { get; }

    /// <summary>The inputs of the tested call.</summary>
    public OrderedDictionary Argument { get; }

    /// <summary>The caller of the tool.</summary>
    public PermissionContext Context { get; }

    /// <summary>
    /// The action for the call; null if no rule matches, in which case the CLI refuses the call. If a program decides, its decision.
    /// </summary>
    public PermissionAction? Action { get; internal init; }

    /// <summary>Whether the tool runs.</summary>
    public bool IsAllowed => Action == PermissionAction.Allow;

    /// <summary>The first rule that matches; null if none does.</summary>
    public AmpPermission? Rule { get; internal init; }

    /// <summary>The index of the rule in its list, starting with 0.</summary>
    public int? Index { get; internal init; }

    /// <summary>The source of the rule.</summary>
    public PermissionSource Source { get; internal init; }

    /// <summary>Returns the same decision with the caller's rule that the CLI's rule was created from.</summary>
    internal PermissionDecision Of(AmpPermission rule, int index) =>
        new(Tool, Argument, Context) { Action = Action, Rule = rule, Index = index, Source = Source, Message = Message };

    /// <summary>The message that the model gets for a rejected call, or the output of the program that decides.</summary>
    public string? Message { get; internal init; }
}

/// <summary>The source of a rule.</summary>
public enum PermissionSource
{
    /// <summary>No rule.</summary>
    None,

    /// <summary>The rules of the call.</summary>
    Call,

    /// <summary>The user settings.</summary>
    User,

    /// <summary>The workspace settings.</summary>
    Workspace,

    /// <summary>The built-in rules of the CLI.</summary>
    BuiltIn,
}
