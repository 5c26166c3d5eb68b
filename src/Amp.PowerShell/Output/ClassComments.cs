using System.Collections.Concurrent;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using Amp.PowerShell.Tools;

namespace Amp.PowerShell.Output;

/// <summary>The comment-based help of a class in a script, for the class and its properties.</summary>
/// <remarks>
/// PowerShell keeps no help of classes, but the assembly of a class knows its script file. PowerShell's own parser reads the comment:
/// <c>.SYNOPSIS</c> and <c>.DESCRIPTION</c> describe the class, <c>.PARAMETER Name</c> describes a property.
/// </remarks>
internal sealed class ClassComments
{
    private static readonly ConcurrentDictionary<string, (DateTime Written, IReadOnlyDictionary<string, ClassComments> Classes)> s_files = new();
    private static readonly ClassComments s_none = new(null, new Dictionary<string, string>());

    private ClassComments(string? description, IReadOnlyDictionary<string, string> properties)
    {
        Description = description;
        Properties = properties;
    }

    /// <summary>The description of the class; null if there is none.</summary>
    public string? Description { get; }

    /// <summary>The descriptions of properties, by property name.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>
    /// Gets the comment of a class. It is empty for a .NET type, a class that was typed at the prompt, and a script that cannot be read.
    /// </summary>
    public static ClassComments Of(Type type)
    {
        // System.Management.Automation.DynamicClassImplementationAssemblyAttribute, which the reference assembly of 7.0 does not contain.
        Attribute? attribute = type.Assembly.GetCustomAttributes().FirstOrDefault(attribute => attribute.GetType().Name == "DynamicClassImplementationAssemblyAttribute");
        string? path = attribute?.GetType().GetProperty("ScriptFile")?.GetValue(attribute) as string;
        return path is not null && InFile(path).TryGetValue(type.Name, out ClassComments? comments) ? comments : s_none;
    }

    private static IReadOnlyDictionary<string, ClassComments> InFile(string path)
    {
        try
        {
            DateTime written = File.GetLastWriteTimeUtc(path);
            if (!s_files.TryGetValue(path, out var known) || known.Written != written)
            {
                s_files[path] = known = (written, Parse(path));
            }

            return known.Classes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ParseException)
        {
            return new Dictionary<string, ClassComments>();
        }
    }

    private static Dictionary<string, ClassComments> Parse(string path)
    {
        ScriptBlockAst script = Parser.ParseFile(path, out Token[] tokens, out _);
        Dictionary<string, ClassComments> classes = new(StringComparer.OrdinalIgnoreCase);
        foreach (TypeDefinitionAst type in script.FindAll(ast => ast is TypeDefinitionAst { IsClass: true }, searchNestedScriptBlocks: true).Cast<TypeDefinitionAst>())
        {
            int first = Array.FindIndex(tokens, token => token.Extent.StartOffset >= type.Extent.StartOffset);
            string?[] comments = [CommentBefore(tokens, first), CommentInside(tokens, first)];
            if (comments.OfType<string>().Select(Read).FirstOrDefault(read => read != s_none) is ClassComments found)
            {
                classes.TryAdd(type.Name, found);
            }
        }

        return classes;
    }

    private static string? CommentBefore(Token[] tokens, int index)
    {
        int first = index;
        while (first > 0 && tokens[first - 1].Kind is TokenKind.NewLine or TokenKind.Comment)
        {
            first--;
        }

        return Comments(tokens[first..Math.Max(first, index)]);
    }

    private static string? CommentInside(Token[] tokens, int index)
    {
        int first = index < 0 ? -1 : Array.FindIndex(tokens, index, token => token.Kind == TokenKind.LCurly) + 1;
        return first <= 0 ? null : Comments([.. tokens.Skip(first).TakeWhile(token => token.Kind is TokenKind.NewLine or TokenKind.Comment)]);
    }

    // A block comment, or lines that each begin with a hash sign; null if there is no comment.
    private static string? Comments(Token[] tokens)
    {
        string[] comments = [.. tokens.Where(token => token.Kind == TokenKind.Comment).Select(token => token.Text)];
        return comments.Length == 0 ? null : string.Join('\n', comments);
    }

    // The comment is attached to a function, whose help PowerShell parses itself.
    private static ClassComments Read(string comment)
    {
        ScriptBlockAst script = Parser.ParseInput($"function Class {{\n{comment}\nparam()\n}}", out _, out _);
        return script.Find(ast => ast is FunctionDefinitionAst, searchNestedScriptBlocks: false) is not FunctionDefinitionAst function
            || function.GetHelpContent() is not CommentHelpInfo help
            ? s_none
            : new ClassComments(
                ToolHelp.OneLine($"{help.Synopsis} {help.Description}"),
                (help.Parameters ?? new Dictionary<string, string>())
                    .Select(parameter => (parameter.Key, Text: ToolHelp.OneLine(parameter.Value)))
                    .Where(parameter => parameter.Text is not null)
                    .ToDictionary(parameter => parameter.Key, parameter => parameter.Text!, StringComparer.OrdinalIgnoreCase));
    }
}
