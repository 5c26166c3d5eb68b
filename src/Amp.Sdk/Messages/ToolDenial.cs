using Amp.Text;
using Amp.Tools;

namespace Amp;

/// <summary>A tool call of a run that was not allowed.</summary>
/// <param name="Tool">The tool's name; empty where the CLI does not tell.</param>
/// <param name="Reason">Why, in the CLI's words.</param>
public sealed record ToolDenial(string Tool, string Reason)
{
    /// <summary>The ID of the call, as it stands in the message that calls the tool; null where the CLI does not tell.</summary>
    public string? ToolUseId { get; init; }

    /// <inheritdoc cref="ToolUseContent.Kind"/>
    public ToolKind Kind => Call?.Kind ?? CallView.Kind(Tool, input: null);

    /// <inheritdoc cref="ToolUseContent.Command"/>
    public string? Command => Call?.Command;

    /// <inheritdoc cref="ToolUseContent.CommandDirectory"/>
    public string? CommandDirectory => Call?.CommandDirectory;

    /// <inheritdoc cref="ToolUseContent.Files"/>
    public IReadOnlyList<string> Files => Call?.Files ?? ReadableList<string>.None;

    /// <summary>The call; null where it has not been in the stream.</summary>
    internal ToolUseContent? Call { get; init; }

    /// <summary>Whether tool, reason and ID are the same.</summary>
    public bool Equals(ToolDenial? other) =>
        other is not null && Tool == other.Tool && Reason == other.Reason && ToolUseId == other.ToolUseId;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Tool, Reason, ToolUseId);

    /// <summary>Tool and reason.</summary>
    public override string ToString() => $"{Tool}: {Reason}";
}
