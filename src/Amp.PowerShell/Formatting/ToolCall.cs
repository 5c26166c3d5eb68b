using Amp.PowerShell.Formatting;

namespace Amp.PowerShell;

/// <summary>
/// A tool call of a run, as told on the information stream with the tags <c>Amp</c> and <c>AmpTool</c>. Its texts are made when somebody
/// asks for them: most of such records are never looked at.
/// </summary>
public sealed class ToolCall
{
    private const int LongestInput = 160;

    private readonly AssistantMessage _message;
    private readonly RunPlan _plan;
    private readonly int _place;
    private readonly bool _isShown;

    /// <param name="message">The message of the call.</param>
    /// <param name="place">The call's place among those of the message.</param>
    /// <param name="plan">The run, which knows its secrets.</param>
    /// <param name="toolName">The tool's name, safe to show.</param>
    /// <param name="isShown">Whether somebody sees the text. PowerShell makes it of every record, also of those that nobody sees, and to make
    /// it of the input means to read the message.</param>
    internal ToolCall(AssistantMessage message, int place, RunPlan plan, string toolName, bool isShown)
    {
        _message = message;
        _place = place;
        _plan = plan;
        _isShown = isShown;
        ToolName = toolName;
    }

    /// <summary>The tool, as the CLI calls it.</summary>
    public string ToolName { get; }

    /// <summary>The argument that tells most, on one line and cut where it is long, without secrets and without what a terminal would obey.</summary>
    public string Input => TextCells.Cut(Safe(ToolInputText.Main(Call?.Input), _plan), LongestInput);

    /// <summary>The call's ID, which the tool's result names too.</summary>
    public string? ToolUseId => Call?.Id;

    /// <summary>For a call of a subagent: the ID of the call that started it.</summary>
    public string? ParentToolUseId => _message.ParentToolUseId;

    /// <summary>The thread of the run.</summary>
    public string? ThreadId => _message.SessionId;

    private ToolUseContent? Call => _message.ToolUse.ElementAtOrDefault(_place);

    /// <summary>The tool and, where the session shows information (<c>$InformationPreference</c>), its input.</summary>
    public override string ToString() => _isShown ? $"{ToolName}  {Input}".TrimEnd() : ToolName;

    /// <summary>A text on one line that can be shown: what would hide a secret goes first, and then the secret, before anything is cut.</summary>
    internal static string Safe(string text, RunPlan plan) => plan.Redact(Cell.Line(text));
}
