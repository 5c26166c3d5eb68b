namespace Amp.Clients.Threads;

/// <summary>What a command that lists threads has answered.</summary>
/// <param name="Threads">The threads, in the CLI's order.</param>
/// <param name="HasMore">Whether the CLI says that there are more than it shows.</param>
internal sealed record ThreadRows(IReadOnlyList<AmpThread> Threads, bool HasMore);
