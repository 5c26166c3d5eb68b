using Amp.Text;
using Amp.Tools;

namespace Amp;

/// <summary>A denied tool call.</summary>
/// <param name="Tool">The name of the tool; empty if the CLI does not report it.</param>
/// <param name="Reason">The reason in the CLI's words.</param>
public sealed record ToolDenial(string Tool, string Reason)
{
    /// <summary>The ID of the call, as in the message that calls the tool; null if the CLI does not report it.</summary>
    public string? ToolUseId { get; init; }

    /// <inheritdoc cref="ToolUseContent.Kind"/>
    public ToolKind Kind => Call?.Kind ?? CallView.Kind(Tool, input: null);

    /// <inheritdoc cref="ToolUseContent.Command"/>
    public string? Command => Call?.Command;

    /// <inheritdoc cref="ToolUseContent.CommandDirectory"/>
    public string? CommandDirectory => Call?.CommandDirectory;

    /// <inheritdoc cref="ToolUseContent.Files"/>
    public IReadOnlyList<string> Files => Call?.Files ?? ReadableList<string>.None;

    /// <summary>The call; null if it was not in the stream.</summary>
    internal ToolUseContent? Call { get; init; }

    /// <summary>Returns whether tool, reason and ID are equal.</summary>
    public bool Equals(ToolDenial? other) =>
        other is not null && Tool == other.Tool && Reason == other.Reason && ToolUseId == other.ToolUseId;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Tool, Reason, ToolUseId);

    /// <summary>Returns the tool and the reason.</summary>
    public override string ToString() => $"{Tool}: {Reason}";
}
