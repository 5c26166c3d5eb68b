using System.Management.Automation;

namespace Amp.PowerShell.Formatting;

/// <summary>
/// The colors of the views: those in PowerShell's <c>$PSStyle.Formatting</c>, and bold and dim, which are readable on any background.
/// PowerShell removes them if its output is redirected or plain.
/// </summary>
internal readonly struct ViewStyle
{
    private readonly PSObject? _style;
    private readonly PSObject? _formatting;

    /// <summary>Gets the colors from <c>$PSStyle</c>. Null means a host without colors.</summary>
    public ViewStyle(PSObject? style)
    {
        bool isPlain = style is null || style.Properties["OutputRendering"]?.Value?.ToString() == "PlainText";
        _style = isPlain ? null : style;
        _formatting = _style?.Properties["Formatting"]?.Value is object formatting ? PSObject.AsPSObject(formatting) : null;
    }

    /// <summary>The agent, and successful results.</summary>
    public string Accent => Of(_formatting, "FormatAccent");

    /// <summary>Failures.</summary>
    public string Error => Of(_formatting, "Error");

    /// <summary>Things that require attention.</summary>
    public string Warning => Of(_formatting, "Warning");

    /// <summary>The user, and tools.</summary>
    public string Strong => Of(_style, "Bold");

    /// <summary>Details that are rarely read.</summary>
    public string Quiet => Of(_style, "Dim");

    /// <summary>Adds a color to a text, and resets it after the text.</summary>
    public string Paint(string colour, string text) => colour.Length == 0 || text.Length == 0 ? text : $"{colour}{text}{Of(_style, "Reset")}";

    private static string Of(PSObject? style, string name) => style?.Properties[name]?.Value as string ?? string.Empty;
}
