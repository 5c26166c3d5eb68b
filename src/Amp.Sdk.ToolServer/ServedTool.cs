namespace Amp.ToolServer;

/// <summary>A tool as it is offered. Only text crosses the border of this assembly, whose dependencies are its own.</summary>
/// <param name="Name">Its name, unique on the server.</param>
/// <param name="Description">What it is for.</param>
/// <param name="InputSchema">The JSON Schema of its input, an object.</param>
/// <param name="IsReadOnly">Whether it changes nothing; a hint to the client.</param>
internal sealed record ServedTool(string Name, string Description, string InputSchema, bool IsReadOnly);

/// <summary>What a call of a tool came to.</summary>
/// <param name="Text">What the agent is told.</param>
/// <param name="IsError">Whether the tool failed.</param>
internal sealed record ServedAnswer(string Text, bool IsError);

/// <summary>Calls a tool. It answers with an error rather than to throw.</summary>
/// <param name="name">The tool's name, one of those that are offered.</param>
/// <param name="arguments">Its input, a JSON object.</param>
/// <param name="cancellationToken">Cancelled when the client takes the call back, and when the server is closed.</param>
internal delegate Task<ServedAnswer> ToolCall(string name, string arguments, CancellationToken cancellationToken);
