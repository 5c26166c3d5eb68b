using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace Amp.PowerShell.Formatting;

/// <summary>
/// Formats a message for the console: the speaker, the text, the tool with its main argument, the result. The module's views use it;
/// scripts should use the properties of the message.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class MessageView
{
    private const int LongestPrompt = 600;
    private const int LongestLine = 160;
    private const int ToolLines = 6;
    private const string AnswerMark = "#Answer";

    private static readonly string s_indent = new(' ', 6);

    /// <summary>Formats a message, without a line break at the end.</summary>
    /// <remarks>
    /// A part with several lines has a single color, because PowerShell repeats each color of a text before each following line.
    /// </remarks>
    /// <param name="message">A message, which can be deserialized.</param>
    /// <param name="style">PowerShell's <c>$PSStyle</c>; null for no colors.</param>
    public static string Of(PSObject message, PSObject? style = null)
    {
        ViewObject view = new(message);
        ViewStyle look = new(style);
        StringBuilder text = new();
        switch (view.TypeName)
        {
            case "Amp.SystemMessage":
                AppendSystem(text, view, look);
                break;
            case "Amp.UserMessage":
                AppendUser(text, view, look);
                break;
            case "Amp.AssistantMessage":
                foreach (ViewObject block in view.Items(nameof(AssistantMessage.Content)))
                {
                    AppendBlock(text, block, look);
                }

                break;
            case "Amp.ErrorResultMessage":
                text.Append(look.Paint(look.Error, "Failed")).Append(": ")
                    .AppendLine(Cell.Safe(view.Text(nameof(ErrorResultMessage.Error)) ?? string.Empty))
                    .Append(Figures(view, look));
                break;
            case "Amp.ResultMessage":
                AppendResult(text, view, look);
                break;
            default:
                text.Append(look.Paint(look.Quiet, $"{Safe(view, nameof(StreamMessage.Type))}  {Cut(view.Text(nameof(StreamMessage.RawJson)))}"));
                break;
        }

        return text.ToString().TrimEnd('\n', '\r');
    }

    /// <summary>Gets the message on one line, for tables.</summary>
    public static string Line(PSObject message)
    {
        ViewObject view = new(message);
        string text = view.TypeName switch
        {
            "Amp.SystemMessage" => view.Text(nameof(SystemMessage.Cwd)) ?? string.Empty,
            "Amp.ErrorResultMessage" => view.Text(nameof(ErrorResultMessage.Error)) ?? string.Empty,
            "Amp.ResultMessage" => view.Text(nameof(ResultMessage.Result)) ?? string.Empty,
            "Amp.UserMessage" or "Amp.AssistantMessage" =>
                string.Join("; ", view.Items(nameof(AssistantMessage.Content)).Select(ContentView.Summary)),
            _ => view.Text(nameof(StreamMessage.RawJson)) ?? string.Empty,
        };
        return Cell.Of(text);
    }

    private static void AppendSystem(StringBuilder text, ViewObject system, ViewStyle look)
    {
        StringBuilder line = new("Thread ");
        line.Append(Safe(system, nameof(SystemMessage.SessionId), "?"));
        if (system.Text(nameof(SystemMessage.Subtype)) is not "init")
        {
            line.Append("  ").Append(Safe(system, nameof(SystemMessage.Subtype), Safe(system, nameof(SystemMessage.Type))));
        }

        line.Append(" in ").Append(Safe(system, nameof(SystemMessage.Cwd), "?"))
            .Append(", ").Append(Number(system.Items(nameof(SystemMessage.Tools)).Count())).Append(" tools");
        foreach (ViewObject server in system.Items(nameof(SystemMessage.McpServers)))
        {
            line.Append(", ").Append(Safe(server, nameof(McpServerStatus.Name))).Append(": ").Append(Safe(server, nameof(McpServerStatus.Status)));
        }

        text.Append(look.Paint(look.Quiet, line.ToString()));
    }

    private static void AppendUser(StringBuilder text, ViewObject user, ViewStyle look)
    {
        string said = user.Text(nameof(UserMessage.Text)) ?? string.Empty;
        if (said.Length > 0)
        {
            string prompt = Cell.Safe(said);
            string shown = prompt.Length <= LongestPrompt ? prompt : $"{TextCells.Cut(prompt, LongestPrompt)} ({Number(prompt.Length)} characters)";
            AppendSpeech(text, "You", look.Paint(look.Strong, "You"), shown);
        }

        foreach (ViewObject result in user.Items(nameof(UserMessage.ToolResult)))
        {
            AppendToolResult(text, result, look);
        }
    }

    private static void AppendBlock(StringBuilder text, ViewObject block, ViewStyle look)
    {
        switch (block.TypeName)
        {
            case "Amp.TextContent":
                AppendSpeech(text, "Amp", look.Paint(look.Accent, "Amp"), Cell.Safe(block.Text(nameof(TextContent.Text)) ?? string.Empty));
                break;
            case "Amp.ThinkingContent":
                StringBuilder thought = new();
                AppendSpeech(thought, "···", "···", Cell.Safe(block.Text(nameof(ThinkingContent.Thinking)) ?? string.Empty));
                text.AppendLine(look.Paint(look.Quiet, thought.ToString().TrimEnd()));
                break;
            case "Amp.ToolUseContent":
                text.Append(s_indent).Append(look.Paint(look.Strong, $"> {Safe(block, nameof(ToolUseContent.Name), "?")}"))
                    .Append("  ").AppendLine(Cut(ToolInputText.Main(block[nameof(ToolUseContent.Input)])));
                break;
            default:
                text.Append(s_indent).AppendLine(look.Paint(look.Quiet, Safe(block, nameof(ContentBlock.Type))));
                break;
        }
    }

    private static void AppendToolResult(StringBuilder text, ViewObject result, ViewStyle look)
    {
        long? code = result[nameof(ToolResultContent.ExitCode)] is null ? null : result.Number(nameof(ToolResultContent.ExitCode));
        string[] lines = Cell.Safe(result.Text(nameof(ToolResultContent.Text)) ?? string.Empty).Trim('\n').Split('\n');
        if (code is not (null or 0))
        {
            lines = lines is [""] ? [$"exit code {code}"] : [$"exit code {code}", .. lines];
        }

        string more = lines.Length > ToolLines ? $"\n{s_indent}  … {Number(lines.Length - ToolLines)} more lines" : string.Empty;
        string shown = string.Join($"\n{s_indent}  ", lines.Take(ToolLines).Select(line => TextCells.Cut(line, LongestLine)));
        string colour = result.Flag(nameof(ToolResultContent.IsError)) || code is not (null or 0) ? look.Error : look.Quiet;
        text.Append(s_indent).AppendLine(look.Paint(colour, $"< {shown}{more}"));
    }

    private static void AppendResult(StringBuilder text, ViewObject result, ViewStyle look)
    {
        // If no messages came before it, as with -ResultOnly, the result must include the answer.
        if (result.IsMarked(AnswerMark) && result.Text(nameof(ResultMessage.Result)) is { Length: > 0 } answer)
        {
            text.AppendLine(Cell.Safe(answer).TrimEnd());
        }

        text.Append(look.Paint(look.Accent, "Done")).Append(Figures(result, look));
        string outcome = result.Text(nameof(ResultMessage.Outcome)) ?? string.Empty;
        if (outcome is not ("" or nameof(ResultOutcome.Succeeded)))
        {
            text.Append(look.Paint(look.Quiet, ", ")).Append(look.Paint(look.Warning, Cell.Line(outcome)));
        }
    }

    private static string Figures(ViewObject result, ViewStyle look)
    {
        StringBuilder text = new(result.Flag(nameof(ResultMessage.IsError)) ? "after " : " in ");
        long turns = result.Number(nameof(ResultMessage.NumTurns));
        text.Append(Duration(result[nameof(ResultMessage.Duration)] as TimeSpan? ?? TimeSpan.Zero)).Append(", ")
            .Append(Number(turns)).Append(turns == 1 ? " turn" : " turns");
        ViewObject usage = result.Object(nameof(ResultMessage.Usage));
        if (usage.Exists)
        {
            text.Append(", ").Append(Number(usage.Number(nameof(TokenUsage.InputTokens)))).Append(" tokens in, ")
                .Append(Number(usage.Number(nameof(TokenUsage.OutputTokens)))).Append(" out");
        }

        int changes = result.Items(nameof(ResultMessage.Changes)).Count();
        if (changes > 0)
        {
            text.Append(", ").Append(Number(changes)).Append(changes == 1 ? " file changed" : " files changed");
        }

        return look.Paint(look.Quiet, text.ToString());
    }

    private static void AppendSpeech(StringBuilder text, string speaker, string painted, string said)
    {
        text.Append(painted).Append(' ', s_indent.Length - speaker.Length);
        string indent = string.Empty;
        foreach (string line in said.Trim('\n').Split('\n'))
        {
            text.AppendLine(line.Length > 0 ? indent + line : line);
            indent = s_indent;
        }
    }

    private static string Duration(TimeSpan time) => time.TotalMinutes >= 1
        ? $"{(int)time.TotalMinutes} min {time.Seconds} s"
        : time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Safe(ViewObject view, string property, string otherwise = "") =>
        view.Text(property) is { Length: > 0 } text ? Cell.Line(text) : otherwise;

    private static string Cut(string? text)
    {
        string safe = Cell.Safe(text ?? string.Empty);
        int lineEnd = safe.IndexOf('\n', StringComparison.Ordinal);
        return TextCells.Cut(lineEnd < 0 ? safe : safe[..lineEnd] + " …", LongestLine);
    }
}
