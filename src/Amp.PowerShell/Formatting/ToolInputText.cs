using System.Collections;
using System.Globalization;
using System.Text;

namespace Amp.PowerShell.Formatting;

/// <summary>The input of a tool as text. It is not yet safe for a terminal.</summary>
internal static class ToolInputText
{
    // Deeper levels would be mostly blanks: each line has those of its level.
    private const int DeepestIndent = 64;

    // Inputs of the CLIs' own tools (Bash, Read, create_file, edit_file, Grep, glob, web_search, Task, ...), most important first.
    private static readonly string[] s_mainArguments =
        ["cmd", "command", "path", "file_path", "filePath", "pattern", "query", "url", "objective", "description", "prompt"];

    /// <summary>Gets the main argument, or all of them.</summary>
    public static string Main(object? input)
    {
        if (ViewObject.Plain(input) is IDictionary fields)
        {
            foreach (string name in s_mainArguments)
            {
                if (ViewObject.Plain(fields[name]) is string value)
                {
                    return value;
                }
            }
        }

        return All(input);
    }

    /// <summary>Gets all arguments on one line.</summary>
    public static string All(object? input) => ViewObject.Plain(input) is IDictionary fields ? Fields(fields) : input is null ? string.Empty : Words(input);

    /// <summary>Gets all arguments, one per line, with indented nested values.</summary>
    public static string Lines(object? input)
    {
        StringBuilder text = new();
        AppendLines(text, input, string.Empty);
        return text.ToString().TrimEnd('\n');
    }

    private static void AppendLines(StringBuilder text, object? value, string indent)
    {
        switch (ViewObject.Plain(value))
        {
            case IDictionary { Count: > 0 } fields:
                foreach (DictionaryEntry entry in fields)
                {
                    AppendNamed(text, $"{entry.Key}:", entry.Value, indent);
                }

                break;
            case IList { Count: > 0 } items:
                foreach (object? item in items)
                {
                    AppendNamed(text, "-", item, indent);
                }

                break;
            default:
                text.Append(indent).Append(Words(value)).Append('\n');
                break;
        }
    }

    private static void AppendNamed(StringBuilder text, string name, object? value, string indent)
    {
        text.Append(indent).Append(name);
        string deeper = indent.Length < DeepestIndent ? indent + "  " : indent;
        object? plain = ViewObject.Plain(value);
        if (plain is IDictionary { Count: > 0 } or IList { Count: > 0 })
        {
            text.Append('\n');
            AppendLines(text, plain, deeper);
            return;
        }

        string words = Words(plain).ReplaceLineEndings("\n");
        text.Append(words.Contains('\n', StringComparison.Ordinal) ? $"\n{deeper}" : " ")
            .Append(words.Replace("\n", $"\n{deeper}", StringComparison.Ordinal)).Append('\n');
    }

    private static string Fields(IDictionary fields) =>
        string.Join(", ", fields.Keys.Cast<object>().Select(name => $"{name}: {Words(fields[name])}"));

    private static string Words(object? value) => ViewObject.Plain(value) switch
    {
        null => "null",
        string text => text,
        IDictionary fields => $"{{{Fields(fields)}}}",
        IList items => $"[{string.Join(", ", items.Cast<object?>().Select(Words))}]",
        object other => Convert.ToString(other, CultureInfo.InvariantCulture) ?? string.Empty,
    };
}
