using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace Amp.PowerShell.Formatting;

/// <summary>
/// Makes the console's picture of a message: who speaks, the text, the tool with its main argument, the result. Used by the
/// module's views; scripts take the message's properties instead.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class MessageView
{
    private const int LongestPrompt = 600;
    private const int ToolLines = 6;
    private const int LongestLine = 160;

    private static readonly string s_indent = new(' ', 6);

    // Inputs of the CLIs' own tools (Bash, Read, create_file, edit_file, Grep, glob, web_search, Task, ...): the one that
    // tells most comes first.
    private static readonly string[] s_mainArguments =
        ["cmd", "command", "path", "file_path", "filePath", "pattern", "query", "url", "objective", "description", "prompt"];

    /// <summary>The picture of a result that stands alone: the answer, and what the run took.</summary>
    public static string OfAnswer(ResultMessage result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.IsError || string.IsNullOrEmpty(result.Result) ? Of(result) : $"{Safe(result.Result).TrimEnd()}\n{Of(result)}";
    }

    /// <summary>The picture of one message, without a line end behind it.</summary>
    public static string Of(StreamMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        StringBuilder text = new();
        switch (message)
        {
            case SystemMessage system:
                AppendSystem(text, system);
                break;
            case UserMessage user:
                AppendUser(text, user);
                break;
            case AssistantMessage assistant:
                AppendAssistant(text, assistant);
                break;
            case ErrorResultMessage error:
                text.Append(Style.Failed).Append("Failed").Append(Style.Reset).Append(": ").AppendLine(Safe(error.Error));
                AppendFigures(text, error);
                break;
            case ResultMessage result:
                text.Append(Style.Done).Append("Done").Append(Style.Reset);
                AppendFigures(text, result);
                break;
            default:
                text.Append(Style.Dim).Append(Safe(message.Type)).Append("  ").Append(Cut(Safe(message.RawJson))).Append(Style.Reset);
                break;
        }

        return text.ToString().TrimEnd('\n', '\r');
    }

    private static void AppendSystem(StringBuilder text, SystemMessage system)
    {
        text.Append(Style.Dim).Append("Thread ").Append(Safe(system.SessionId ?? "?"));
        if (system.Subtype != "init")
        {
            text.Append("  ").Append(Safe(system.Subtype ?? system.Type));
        }

        text.Append(" in ").Append(Safe(system.Cwd ?? "?")).Append(", ").Append(Number(system.Tools.Count)).Append(" tools");
        foreach (McpServerStatus server in system.McpServers)
        {
            text.Append(", ").Append(Safe(server.ToString()));
        }

        text.Append(Style.Reset);
    }

    private static void AppendUser(StringBuilder text, UserMessage user)
    {
        if (user.Text.Length > 0)
        {
            string prompt = Safe(user.Text);
            AppendSpeech(
                text,
                "You",
                Style.User,
                prompt.Length <= LongestPrompt ? prompt : $"{prompt[..LongestPrompt]}… ({Number(prompt.Length)} characters)");
        }

        foreach (ToolResultContent result in user.ToolResult)
        {
            AppendToolResult(text, result);
        }
    }

    private static void AppendAssistant(StringBuilder text, AssistantMessage assistant)
    {
        foreach (ContentBlock block in assistant.Content)
        {
            switch (block)
            {
                case TextContent said:
                    AppendSpeech(text, "Amp", Style.Agent, Safe(said.Text));
                    break;
                case ThinkingContent thought:
                    text.Append(Style.Dim);
                    AppendSpeech(text, "···", string.Empty, Safe(thought.Thinking));
                    text.Append(Style.Reset);
                    break;
                case ToolUseContent call:
                    text.Append(s_indent).Append(Style.Tool).Append("> ").Append(Safe(call.Name ?? "?")).Append(Style.Reset)
                        .Append("  ").AppendLine(Cut(MainArgument(call.Input)));
                    break;
                default:
                    text.Append(s_indent).Append(Style.Dim).Append(Safe(block.Type)).AppendLine(Style.Reset);
                    break;
            }
        }
    }

    private static void AppendToolResult(StringBuilder text, ToolResultContent result)
    {
        string[] lines = Safe(result.Text).Trim('\n').Split('\n');
        string style = result.IsError || result.ExitCode is not (null or 0) ? Style.Failed : Style.Dim;
        string mark = "< ";
        if (result.ExitCode is int code and not 0)
        {
            lines = lines is [""] ? [$"exit code {code}"] : [$"exit code {code}", .. lines];
        }

        foreach (string line in lines.Take(ToolLines))
        {
            text.Append(s_indent).Append(style).Append(mark).Append(Cut(line)).AppendLine(Style.Reset);
            mark = "  ";
        }

        if (lines.Length > ToolLines)
        {
            text.Append(s_indent).Append(Style.Dim).Append("  … ").Append(Number(lines.Length - ToolLines)).Append(" more lines")
                .AppendLine(Style.Reset);
        }
    }

    private static void AppendSpeech(StringBuilder text, string speaker, string style, string said)
    {
        text.Append(style).Append(speaker).Append(style.Length > 0 ? Style.Reset : string.Empty)
            .Append(' ', s_indent.Length - speaker.Length);
        string indent = string.Empty;
        foreach (string line in said.Trim('\n').Split('\n'))
        {
            text.AppendLine(line.Length > 0 ? indent + line : line);
            indent = s_indent;
        }
    }

    private static void AppendFigures(StringBuilder text, ResultMessage result)
    {
        text.Append(Style.Dim).Append(result.IsError ? "after " : " in ").Append(Duration(result.Duration)).Append(", ")
            .Append(Number(result.NumTurns)).Append(result.NumTurns == 1 ? " turn" : " turns");
        if (result.Usage is Usage usage)
        {
            text.Append(", ").Append(Number(usage.InputTokens ?? 0)).Append(" tokens in, ")
                .Append(Number(usage.OutputTokens ?? 0)).Append(" out");
        }

        text.Append(Style.Reset);
    }

    private static string MainArgument(object? input)
    {
        if (input is not IDictionary fields)
        {
            return input is null ? string.Empty : Safe(Words(input));
        }

        foreach (string name in s_mainArguments)
        {
            if (fields[name] is string value)
            {
                return Safe(value);
            }
        }

        return Safe(Fields(fields));
    }

    private static string Fields(IDictionary fields) =>
        string.Join(", ", fields.Keys.Cast<string>().Select(name => $"{name}: {Words(fields[name])}"));

    private static string Words(object? value) => value switch
    {
        null => "null",
        IDictionary fields => $"{{{Fields(fields)}}}",
        object?[] items => $"[{string.Join(", ", items.Select(Words))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };

    private static string Duration(TimeSpan time) => time.TotalMinutes >= 1
        ? $"{(int)time.TotalMinutes} min {time.Seconds} s"
        : time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Cut(string text)
    {
        int lineEnd = text.IndexOf('\n', StringComparison.Ordinal);
        string line = lineEnd < 0 ? text : text[..lineEnd] + " …";
        return line.Length <= LongestLine ? line : line[..LongestLine] + "…";
    }

    // What a model writes must not move the cursor or rename the window.
    private static string Safe(string text) => TerminalText.Strip(text);

    // Plain colours of the terminal's own palette, so that light and dark backgrounds both work. PowerShell takes them away
    // where its output is redirected.
    private static class Style
    {
        public const string Reset = "\u001b[0m";
        public const string Dim = "\u001b[90m";
        public const string User = "\u001b[1;34m";
        public const string Agent = "\u001b[1;36m";
        public const string Tool = "\u001b[33m";
        public const string Done = "\u001b[1;32m";
        public const string Failed = "\u001b[31m";
    }
}
