using Amp.Json;
using Amp.Text;
using Amp.Tools;

namespace Amp;

/// <summary>A tool call that requires an approval.</summary>
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

    /// <summary>The name of the tool in the CLI, such as <c>Bash</c> or <c>mcp__github__create_issue</c>.</summary>
    public string ToolName { get; }

    /// <summary>
    /// The input of the tool, as plain objects at any depth. The names of inputs differ between builds; <see cref="Command"/> and
    /// <see cref="Files"/> are the same on all. In PowerShell, <c>$Call.Input.url</c> reads one, ignoring case.
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

    /// <summary>The input as the JSON text that the CLI sent.</summary>
    public string InputJson { get; }

    /// <summary>The ID of the call, as in the messages of the run; empty if the CLI does not report it.</summary>
    public string ToolUseId { get; }

    /// <summary>The thread of the run; empty if the CLI does not report it.</summary>
    public string ThreadId { get; }

    /// <summary>The folder in which the agent works.</summary>
    public string WorkingDirectory { get; }

    /// <summary>The machine on which the agent works, as you named it; null for this machine.</summary>
    public string? HostName { get; internal init; }

    /// <summary>
    /// Returns the tool and its input on one line. For a long call, it contains the beginning, the end, and how much is not shown. Control
    /// characters are written as <c>\uXXXX</c>.
    /// </summary>
    public override string ToString() => ToText(LongestText);

    /// <summary>Returns the same text with another limit.</summary>
    /// <param name="longest">The approximate maximum number of characters of the call; at least 100.</param>
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
