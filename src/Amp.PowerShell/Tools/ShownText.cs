using System.Text.Json;

namespace Amp.PowerShell.Tools;

/// <summary>
/// Looks at what the agent gives to a command that shows it: <c>What if:</c> and the question of <c>-Confirm</c> name their target, and
/// PowerShell writes that to the terminal by itself, past every cleaner of this module.
/// </summary>
internal static class ShownText
{
    /// <exception cref="ArgumentException">One of the texts holds characters that steer a terminal or turn the direction of text.</exception>
    public static void Refuse(string command, JsonElement given)
    {
        if (HoldsControl(given))
        {
            throw new ArgumentException(
                $"{command} shows what it is given, and one of the values contains control characters. Remove them.");
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
