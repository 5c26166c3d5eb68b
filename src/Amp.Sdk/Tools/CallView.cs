using System.Collections;
using System.Text.Json;
using Amp.Json;

namespace Amp.Tools;

/// <summary>What a tool call is about, in words that no build decides.</summary>
internal static class CallView
{
    private static readonly string[] s_commandFields = ["command", "cmd"];
    private static readonly string[] s_directoryFields = ["workdir", "cwd"];

    /// <summary>
    /// What the tool does. One that nobody knows and that is given a command counts as a shell, so that a rule about shells is not passed by
    /// because a later CLI calls it otherwise.
    /// </summary>
    public static ToolKind Kind(string? name, object? input) => KnownTools.Find(name) is KnownTool tool ? tool.Kind
        : name?.StartsWith("mcp__", StringComparison.Ordinal) == true ? ToolKind.Mcp
        : name?.StartsWith("tb__", StringComparison.Ordinal) != true && Text(input, s_commandFields) is not null ? ToolKind.Shell
        : ToolKind.Other;

    /// <summary>
    /// What a shell is to run; null for other calls. Where it does not stand in the input in which it was seen, everything that the tool is
    /// given, as JSON: nothing of a command gets lost because its name has changed.
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

    /// <summary>The folder in which a shell is to run it; the run's where the call names none, and null where that is not known either.</summary>
    public static string? CommandDirectory(string? name, object? input, string? workingDirectory)
    {
        if (Command(name, input) is null)
        {
            return null;
        }

        string? named = KnownTools.Find(name)?.Directory is string field ? Text(input, field) : Text(input, s_directoryFields);
        return string.IsNullOrEmpty(named) ? workingDirectory : Absolute(named, workingDirectory);
    }

    /// <summary>The files that are read or written, each once.</summary>
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

    /// <summary>A path in full, where the folder is known. A path that is no path is shown as it is; so is one of another system.</summary>
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

    private static string Json(object? input)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            PlainJson.Write(writer, input);
        }

        return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
