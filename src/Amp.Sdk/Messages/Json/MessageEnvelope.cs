namespace Amp.Messages.Json;

/// <summary>What is known of a line before its content is read.</summary>
internal readonly record struct MessageEnvelope(
    ReadOnlyMemory<byte> Line, string Type, string? SessionId, string? ParentToolUseId);
