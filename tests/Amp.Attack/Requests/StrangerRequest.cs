namespace Amp.Attack.Requests;

/// <summary>What a stranger says.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="IsEndless">Whether there is more to come, byte by byte, as long as the other side listens.</param>
internal readonly record struct StrangerRequest(byte[] Bytes, bool IsEndless);
