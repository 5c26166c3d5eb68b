namespace Amp.ToolServer;

/// <summary>A tool as it is offered. Only text crosses the border of this assembly, whose dependencies are its own.</summary>
/// <param name="Name">Its name, unique on the server.</param>
/// <param name="Description">What it is for.</param>
/// <param name="InputSchema">The JSON Schema of its input, an object.</param>
/// <param name="IsReadOnly">Whether it changes nothing; a hint to the client.</param>
/// <param name="Call">
/// Calls it with its input, a JSON object. The token is cancelled when the client takes the call back, and when the server is closed. It answers
/// with an error rather than to throw.
/// </param>
internal sealed record ServedTool(
    string Name, string Description, string InputSchema, bool IsReadOnly, Func<string, CancellationToken, Task<ServedAnswer>> Call);

/// <summary>What a call of a tool came to.</summary>
/// <param name="Text">What the agent is told.</param>
/// <param name="IsError">Whether the tool failed.</param>
internal sealed record ServedAnswer(string Text, bool IsError);
