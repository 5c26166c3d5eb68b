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
    private readonly AmpRunPlan _plan;
    private readonly int _place;

    internal ToolCall(AssistantMessage message, int place, AmpRunPlan plan)
    {
        _message = message;
        _place = place;
        _plan = plan;
    }

    /// <summary>The tool, as the CLI calls it.</summary>
    public string ToolName => Safe(Call?.Name ?? string.Empty);

    /// <summary>The argument that tells most, on one line and cut where it is long, without secrets and without what a terminal would obey.</summary>
    public string Input => TextCells.Cut(Safe(ToolInputText.Main(Call?.Input)), LongestInput);

    /// <summary>The call's ID, which the tool's result names too.</summary>
    public string? ToolUseId => Call?.Id;

    /// <summary>For a call of a subagent: the ID of the call that started it.</summary>
    public string? ParentToolUseId => _message.ParentToolUseId;

    /// <summary>The thread of the run.</summary>
    public string? ThreadId => _message.SessionId;

    private ToolUseContent? Call => _message.ToolUse.ElementAtOrDefault(_place);

    /// <summary>The tool and its input.</summary>
    public override string ToString() => $"{ToolName}  {Input}".TrimEnd();

    // What would hide a secret goes first, and the secret before anything is cut.
    private string Safe(string text) => _plan.Redact(Cell.Line(text));
}
