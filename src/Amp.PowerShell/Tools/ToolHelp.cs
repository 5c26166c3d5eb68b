using System.Management.Automation;
using System.Management.Automation.Language;

namespace Amp.PowerShell.Tools;

/// <summary>
/// What a command says of itself: the comments of a function or script, which are read without the help system and its files.
/// </summary>
internal sealed class ToolHelp
{
    private readonly CommentHelpInfo? _comments;

    private ToolHelp(CommentHelpInfo? comments) => _comments = comments;

    /// <summary>What the command does, in a line or a few; null where it does not say.</summary>
    public string? Synopsis => OneLine(_comments?.Synopsis) ?? OneLine(_comments?.Description);

    public static ToolHelp Of(CommandInfo command) => new(command switch
    {
        FunctionInfo function => Comments(function.ScriptBlock.Ast),
        ExternalScriptInfo script => Comments(script.ScriptBlock.Ast),
        _ => null,
    });

    public static ToolHelp Of(ScriptBlock script) => new(Comments(script.Ast));

    /// <summary>What is said of a parameter; null where nothing is.</summary>
    public string? OfParameter(string name) => OneLine(_comments?.Parameters
        .FirstOrDefault(parameter => parameter.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value);

    private static CommentHelpInfo? Comments(Ast ast) => ast switch
    {
        FunctionDefinitionAst function => function.GetHelpContent(),
        ScriptBlockAst script => script.GetHelpContent(),
        _ => null,
    };

    /// <summary>A text of help in one line; null where it says nothing.</summary>
    public static string? OneLine(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
