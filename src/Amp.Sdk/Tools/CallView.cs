using System.Collections;
using System.Text.Json;
using Amp.Json;

namespace Amp.Tools;

/// <summary>The content of a tool call, independent of the build.</summary>
internal static class CallView
{
    private static readonly string[] s_commandFields = ["command", "cmd"];
    private static readonly string[] s_directoryFields = ["workdir", "cwd"];

    /// <summary>
    /// What the tool does. An unknown tool with a command counts as a shell, so that a rule for shells also applies if a later CLI renames
    /// its tool.
    /// </summary>
    public static ToolKind Kind(string? name, object? input) => KnownTools.Find(name) is KnownTool tool ? tool.Kind
        : name?.StartsWith("mcp__", StringComparison.Ordinal) == true ? ToolKind.Mcp
        : name?.StartsWith("tb__", StringComparison.Ordinal) != true && Text(input, s_commandFields) is not null ? ToolKind.Shell
        : ToolKind.Other;

    /// <summary>
    /// The command of a shell; null for other calls. If no known input contains it, the whole input as JSON, so that no part of a command
    /// is lost if an input is renamed.
    /// </summary>
    public static string? Command(string? name, object? input)
    {
        if (Kind(name, input) != ToolKind.Shell)
        {
            return null;
        }

        KnownTool? tool = KnownTools.Find(name);
        if (tool is { StartsNothing: true })
        {
            return null;
        }

        return (tool?.Command is string field ? Text(input, field) : null) is string text && Count(input, s_commandFields) == 1 ? text
            : tool is null && Count(input, s_commandFields) == 1 ? Text(input, s_commandFields)
            : Json(input);
    }

    /// <summary>
    /// The folder in which a shell runs the command; the folder of the run if the call names none; null if that is unknown too.
    /// </summary>
    public static string? CommandDirectory(string? name, object? input, string? workingDirectory)
    {
        if (Command(name, input) is null)
        {
            return null;
        }

        string? named = KnownTools.Find(name)?.Directory is string field ? Text(input, field) : Text(input, s_directoryFields);
        return string.IsNullOrEmpty(named) ? workingDirectory : Absolute(named, workingDirectory);
    }

    /// <summary>The files that are read or written, without duplicates.</summary>
    public static IReadOnlyList<string> Files(string? name, object? input, string? workingDirectory)
    {
        if (KnownTools.Find(name) is not KnownTool tool || input is not IDictionary)
        {
            return [];
        }

        IEnumerable<string> named = tool.Patch is string patch
            ? Text(input, patch) is string text ? PatchFiles.In(text) : []
            : tool.Paths.SelectMany(field => Texts(input, field));
        return [.. named.Where(path => path.Length > 0).Select(path => Absolute(path, workingDirectory)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Gets the full path, if the folder is known. An invalid path, or one of another system, is not changed.</summary>
    public static string Absolute(string path, string? workingDirectory)
    {
        try
        {
            return Path.IsPathFullyQualified(path) ? Path.GetFullPath(path)
                : workingDirectory is not null && Path.IsPathFullyQualified(workingDirectory) ? Path.GetFullPath(path, workingDirectory)
                : path;
        }
        catch (ArgumentException)
        {
            return path;
        }
    }

    private static string? Text(object? input, params string[] fields) =>
        input is IDictionary values ? fields.Select(field => values[field] as string).FirstOrDefault(text => text is not null) : null;

    private static int Count(object? input, string[] fields) => input is IDictionary values ? fields.Count(field => values[field] is not null) : 0;

    private static IEnumerable<string> Texts(object? input, string field) => (input as IDictionary)?[field] switch
    {
        string text => [text],
        object?[] list => list.OfType<string>(),
        _ => [],
    };

    /// <summary>The input as JSON.</summary>
    public static string Json(object? input)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            PlainJson.Write(writer, input);
        }

        return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
