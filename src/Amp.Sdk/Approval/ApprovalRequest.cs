using Amp.Json;
using Amp.Text;
using Amp.Tools;

namespace Amp;

/// <summary>A tool call that waits for somebody to allow it.</summary>
public sealed class ApprovalRequest
{
    private const int LongestText = 500;

    private readonly Lazy<object?> _input;

    internal ApprovalRequest(string toolName, string toolUseId, string threadId, string inputJson, string workingDirectory)
    {
        ToolName = toolName;
        ToolUseId = toolUseId;
        ThreadId = threadId;
        InputJson = inputJson;
        WorkingDirectory = workingDirectory;
        _input = new Lazy<object?>(() => JsonValue.ParseOrNull(inputJson));
    }

    /// <summary>The tool's name as the CLI calls it, <c>Bash</c> or <c>mcp__github__create_issue</c> for instance.</summary>
    public string ToolName { get; }

    /// <summary>
    /// What the tool is to be given, as plain objects at any depth, under names that each build has of its own: <see cref="Command"/> and
    /// <see cref="Files"/> are the same on all. In PowerShell <c>$Call.Input.url</c> reads one, whatever its case.
    /// </summary>
    public object? Input => _input.Value;

    /// <inheritdoc cref="ToolUseContent.Kind"/>
    public ToolKind Kind => CallView.Kind(ToolName, Input);

    /// <inheritdoc cref="ToolUseContent.Command"/>
    public string? Command => CallView.Command(ToolName, Input);

    /// <inheritdoc cref="ToolUseContent.CommandDirectory"/>
    public string? CommandDirectory => CallView.CommandDirectory(ToolName, Input, WorkingDirectory);

    /// <inheritdoc cref="ToolUseContent.Files"/>
    public IReadOnlyList<string> Files => ReadableList<string>.Of(CallView.Files(ToolName, Input, WorkingDirectory));

    /// <summary>The same as the JSON text that the CLI sent.</summary>
    public string InputJson { get; }

    /// <summary>The call's ID, which the messages of the run name too; empty where the CLI does not tell.</summary>
    public string ToolUseId { get; }

    /// <summary>The thread of the run; empty where the CLI does not tell.</summary>
    public string ThreadId { get; }

    /// <summary>The folder in which the agent works.</summary>
    public string WorkingDirectory { get; }

    /// <summary>
    /// The tool and its input on one line; of a long call the beginning, the end, and how much is not shown. Control characters are written
    /// as <c>\uXXXX</c>.
    /// </summary>
    public override string ToString() => ToText(LongestText);

    /// <summary>The same with a limit of one's own.</summary>
    /// <param name="longest">About how many characters of the call are shown; at least 100.</param>
    public string ToText(int longest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, 100);
        string text = TerminalText.Escaped($"{ToolName} {InputJson}".ReplaceLineEndings(" "));
        int half = longest / 2;
        return text.Length <= longest
            ? text
            : $"{text[..half]} … [{text.Length - (2 * half)} of {text.Length} characters are not shown] … {text[^half..]}";
    }
}
