using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;

namespace Amp.PowerShell.Formatting;

/// <summary>The texts in the views of content blocks, including deserialized ones.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ContentView
{
    /// <summary>Gets the block on one line.</summary>
    public static string Line(PSObject block) => Cell.Of(Summary(new ViewObject(block)));

    /// <summary>Gets blocks, one per line.</summary>
    public static string Lines(PSObject? blocks) => ViewObject.Plain(blocks) is IEnumerable list and not string
        ? string.Join('\n', list.Cast<object?>().Select(block => Cell.Of(Summary(new ViewObject(block)))))
        : string.Empty;

    /// <summary>Gets the content of the block: its text, the tool call, or the tool result.</summary>
    internal static string Summary(ViewObject block) => block.TypeName switch
    {
        "Amp.TextContent" => block.Text(nameof(TextContent.Text)) ?? string.Empty,
        "Amp.ThinkingContent" => block.Text(nameof(ThinkingContent.Thinking)) ?? string.Empty,
        "Amp.ToolUseContent" => $"> {block.Text(nameof(ToolUseContent.Name))}  {ToolInputText.Main(block[nameof(ToolUseContent.Input)])}",
        "Amp.ToolResultContent" => $"< {ExitCode(block)}{block.Text(nameof(ToolResultContent.Text))}",
        _ => block.Text(nameof(ContentBlock.Type)) ?? string.Empty,
    };

    private static string ExitCode(ViewObject result) => result.Number(nameof(ToolResultContent.ExitCode)) is not 0 and long code
        ? $"exit code {code.ToString(CultureInfo.InvariantCulture)}: "
        : string.Empty;
}
