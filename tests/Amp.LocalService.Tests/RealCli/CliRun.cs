using System.Text.Json;

namespace Amp.LocalService.Tests.RealCli;

/// <summary>What a real CLI wrote and how it ended.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    public JsonElement[] Messages => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToArray();

    public JsonElement Result => Messages[^1];

    public string ThreadId => Result.GetProperty("session_id").GetString()!;

    /// <summary>The text of a successful result; fails with all that was written where the run failed.</summary>
    public string Success => LastWord("result");

    /// <summary>The text of an error result.</summary>
    public string Failure => LastWord("error");

    /// <summary>The content blocks of all assistant and user messages in order.</summary>
    public JsonElement[] Blocks => Messages
        .Where(message => message.TryGetProperty("message", out _))
        .SelectMany(message => message.GetProperty("message").GetProperty("content").EnumerateArray())
        .ToArray();

    private string LastWord(string name) => ExitCode == 0 && Result.TryGetProperty(name, out JsonElement text)
        ? text.GetString()!
        : throw new Xunit.Sdk.XunitException($"Exit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}");
}
