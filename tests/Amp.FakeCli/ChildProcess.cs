namespace Amp.FakeCli;

/// <summary>A process the fake has started.</summary>
internal sealed record ChildProcess(int ProcessId, string Kind, string Name);
