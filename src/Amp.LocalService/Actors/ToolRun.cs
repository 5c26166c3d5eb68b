using System.Text.Json;
using Amp.LocalService.Json;

namespace Amp.LocalService.Actors;

/// <summary>Tells the model of a tool's run in the words that the Node builds use, so that one scenario suits every build.</summary>
internal static class ToolRun
{
    public static string Text(JsonElement run)
    {
        if (run.TextOf("status") != "done")
        {
            string? reason = run.Member("error").TextOf("message") ?? run.TextOf("reason") ?? run.TextOf("status");
            return $"<error>{reason}</error>";
        }

        JsonElement result = run.Member("result");
        if (result.ValueKind == JsonValueKind.String)
        {
            return result.GetString()!;
        }

        return result.TextOf("output") is { } output && result.NumberOf("exitCode") is { } exitCode
            ? $"<output>{output}</output>\n<exitCode>{exitCode}</exitCode>"
            : result.ValueKind == JsonValueKind.Undefined ? "" : result.GetRawText();
    }
}
