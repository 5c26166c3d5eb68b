namespace Amp.PowerShell.State;

/// <summary>A thread that was written or worked on in this runspace.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Title">Its title; null where it is not known.</param>
/// <param name="Time">When it was last changed, as far as that is known.</param>
internal sealed record SeenThread(string Id, string? Title, DateTimeOffset Time);
