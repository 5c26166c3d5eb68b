using Amp.PowerShell.Formatting;

namespace Amp.PowerShell;

/// <summary>
/// A tool call of a run, as written to the information stream with the tags <c>Amp</c> and <c>AmpTool</c>. Its texts are created on demand,
/// because most of these records are never read.
/// </summary>
public sealed class ToolCall
{
    private const int LongestInput = 160;

    private readonly AssistantMessage _message;
    private readonly RunPlan _plan;
    private readonly int _place;
    private readonly bool _isShown;

    /// <param name="message">The message that contains the call.</param>
    /// <param name="place">The index of the call in the message.</param>
    /// <param name="plan">The run, which knows its secrets.</param>
    /// <param name="toolName">The name of the tool, safe to show.</param>
    /// <param name="isShown">Whether the text is shown. PowerShell converts every record to text, even if it is not shown, and the text of
    /// the input requires parsing the message.</param>
    internal ToolCall(AssistantMessage message, int place, RunPlan plan, string toolName, bool isShown)
    {
        _message = message;
        _place = place;
        _plan = plan;
        _isShown = isShown;
        ToolName = toolName;
    }

    /// <summary>The name of the tool in the CLI.</summary>
    public string ToolName { get; }

    /// <summary>The main argument, on one line, without secrets and terminal control sequences. A long one is cut.</summary>
    public string Input => TextCells.Cut(Safe(ToolInputText.Main(Call?.Input), _plan), LongestInput);

    /// <summary>The ID of the call, which the tool result contains too.</summary>
    public string? ToolUseId => Call?.Id;

    /// <summary>For a call of a subagent, the ID of the call that started it.</summary>
    public string? ParentToolUseId => _message.ParentToolUseId;

    /// <summary>The thread of the run.</summary>
    public string? ThreadId => _message.SessionId;

    private ToolUseContent? Call => _message.ToolUse.ElementAtOrDefault(_place);

    /// <summary>Returns the name of the tool and, if the session shows information (<c>$InformationPreference</c>), its input.</summary>
    public override string ToString() => _isShown ? $"{ToolName}  {Input}".TrimEnd() : ToolName;

    /// <summary>
    /// Gets a text on one line that is safe to show: characters that could hide a secret are removed first, then secrets, before anything
    /// is cut.
    /// </summary>
    internal static string Safe(string text, RunPlan plan) => plan.Redact(Cell.Line(text));
}
