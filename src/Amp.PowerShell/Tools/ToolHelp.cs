using System.Management.Automation;
using System.Management.Automation.Language;

namespace Amp.PowerShell.Tools;

/// <summary>The comment-based help of a function or script, read without the help system and its files.</summary>
internal sealed class ToolHelp
{
    private readonly CommentHelpInfo? _comments;

    private ToolHelp(CommentHelpInfo? comments) => _comments = comments;

    /// <summary>The synopsis, in one or a few lines; null if there is none.</summary>
    public string? Synopsis => OneLine(_comments?.Synopsis) ?? OneLine(_comments?.Description);

    public static ToolHelp Of(CommandInfo command) => new(command switch
    {
        FunctionInfo function => Comments(function.ScriptBlock.Ast),
        ExternalScriptInfo script => Comments(script.ScriptBlock.Ast),
        _ => null,
    });

    public static ToolHelp Of(ScriptBlock script) => new(Comments(script.Ast));

    /// <summary>Gets the description of a parameter; null if there is none.</summary>
    public string? OfParameter(string name) => OneLine(_comments?.Parameters
        .FirstOrDefault(parameter => parameter.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value);

    private static CommentHelpInfo? Comments(Ast ast) => ast switch
    {
        FunctionDefinitionAst function => function.GetHelpContent(),
        ScriptBlockAst script => script.GetHelpContent(),
        _ => null,
    };

    /// <summary>Converts a help text to one line; null if it is empty.</summary>
    public static string? OneLine(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
