using System.Collections.Specialized;

namespace Amp;

/// <summary>What the CLI's own rules say about a tool call.</summary>
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

    /// <summary>The inputs of the call that was asked about.</summary>
    public OrderedDictionary Argument { get; }

    /// <summary>Whose call it is.</summary>
    public PermissionContext Context { get; }

    /// <summary>
    /// What becomes of the call; null where no rule is about it, which the CLI then refuses. Where a program decides, what it decided.
    /// </summary>
    public PermissionAction? Action { get; internal init; }

    /// <summary>Whether the tool runs.</summary>
    public bool IsAllowed => Action == PermissionAction.Allow;

    /// <summary>The first rule that matches; null where none does.</summary>
    public AmpPermission? Rule { get; internal init; }

    /// <summary>The rule's place in the list that it comes from, beginning with 0.</summary>
    public int? Index { get; internal init; }

    /// <summary>Where the rule comes from.</summary>
    public PermissionSource Source { get; internal init; }

    /// <summary>The same decision with the rule that the caller has given, of which the CLI's was made.</summary>
    internal PermissionDecision Of(AmpPermission rule, int index) =>
        new(Tool, Argument, Context) { Action = Action, Rule = rule, Index = index, Source = Source, Message = Message };

    /// <summary>What the model is told of a rejected call, or what the program that decides has said.</summary>
    public string? Message { get; internal init; }
}

/// <summary>Where a rule comes from.</summary>
public enum PermissionSource
{
    /// <summary>There is no rule.</summary>
    None,

    /// <summary>The rules given in the call.</summary>
    Call,

    /// <summary>The user's settings.</summary>
    User,

    /// <summary>The workspace's settings.</summary>
    Workspace,

    /// <summary>The rules that are built into the CLI.</summary>
    BuiltIn,
}
