using Amp.Json;
using Amp.Tools;

namespace Amp.Execution;

/// <summary>
/// The calls of the main agent without a result. The native CLIs do not name the call that they ask about (0.0.1784106548 to
/// 0.0.1790142911); its tool and input identify it.
/// </summary>
internal sealed class OpenCalls
{
    // A larger number means a stream without results.
    private const int MostKept = 1000;

    private readonly List<(string Id, string Tool, object? Input)> _calls = [];

    /// <summary>Adds the calls and the results of a message.</summary>
    /// <returns>Whether there are new calls.</returns>
    public bool Add(StreamMessage message)
    {
        switch (message)
        {
            case AssistantMessage { CallsTool: true, ParentToolUseId: null } said:
                _calls.AddRange(said.ToolUse.Where(call => call.Id is not null && call.Name is not null)
                    .Take(MostKept - _calls.Count).Select(call => (call.Id!, KnownTools.AskedAs(call.Name!), call.Input)));
                return true;
            case UserMessage answered when _calls.Count > 0:
                foreach (ToolResultContent result in answered.ToolResult)
                {
                    _calls.RemoveAll(call => call.Id == result.ToolUseId);
                }

                break;
        }

        return false;
    }

    /// <summary>Gets the ID of a call of this tool with this input, which is then no longer open; null if there is none.</summary>
    /// <param name="tool">The name of the tool in the question.</param>
    /// <param name="inputJson">The input as JSON.</param>
    public string? Take(string tool, string inputJson)
    {
        object? input = JsonValue.ParseOrNull(inputJson);
        int found = input is null ? -1 : _calls.FindIndex(call => call.Tool == tool && PlainJson.AreEqual(input, call.Input));
        if (found < 0)
        {
            return null;
        }

        string id = _calls[found].Id;
        _calls.RemoveAt(found);
        return id;
    }
}
