using System.Text.Json;

namespace Amp.PowerShell.Tools;

/// <summary>
/// Checks the arguments of the agent for a command that shows them: <c>What if:</c> and the prompt of <c>-Confirm</c> contain their target,
/// which PowerShell writes to the terminal itself, without the cleaning of this module.
/// </summary>
internal static class ShownText
{
    /// <exception cref="ArgumentException">An argument contains characters that control a terminal or change the direction of
    /// text.</exception>
    public static void Refuse(string command, JsonElement given)
    {
        if (HoldsControl(given))
        {
            throw new ArgumentException(
                $"{command} shows its arguments, and one of them contains control characters. Remove these characters.");
        }
    }

    private static bool HoldsControl(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => HoldsControl(value.GetString()!),
        JsonValueKind.Array => value.EnumerateArray().Any(HoldsControl),
        JsonValueKind.Object => value.EnumerateObject().Any(property => HoldsControl(property.Name) || HoldsControl(property.Value)),
        _ => false,
    };

    private static bool HoldsControl(string text)
    {
        string lines = text.ReplaceLineEndings("\n");
        return TerminalText.Strip(lines).Length != lines.Length;
    }
}
