using System.Management.Automation;

namespace Amp.PowerShell.Formatting;

/// <summary>
/// The colours of the views: those that the user has chosen for PowerShell itself (<c>$PSStyle.Formatting</c>), and bold and dim, which
/// are readable on any background. PowerShell takes them away again where its output is redirected, or plain.
/// </summary>
internal readonly struct ViewStyle
{
    private readonly PSObject? _style;
    private readonly PSObject? _formatting;

    /// <summary>Takes the colours from <c>$PSStyle</c>; null is a host that has none.</summary>
    public ViewStyle(PSObject? style)
    {
        bool isPlain = style is null || style.Properties["OutputRendering"]?.Value?.ToString() == "PlainText";
        _style = isPlain ? null : style;
        _formatting = _style?.Properties["Formatting"]?.Value is object formatting ? PSObject.AsPSObject(formatting) : null;
    }

    /// <summary>The agent, and what went well.</summary>
    public string Accent => Of(_formatting, "FormatAccent");

    /// <summary>What failed.</summary>
    public string Error => Of(_formatting, "Error");

    /// <summary>What somebody should look at.</summary>
    public string Warning => Of(_formatting, "Warning");

    /// <summary>The user, and tools.</summary>
    public string Strong => Of(_style, "Bold");

    /// <summary>What is there to be found, and not to be read each time.</summary>
    public string Quiet => Of(_style, "Dim");

    /// <summary>The text in a colour, and the terminal's own behind it.</summary>
    public string Paint(string colour, string text) => colour.Length == 0 || text.Length == 0 ? text : $"{colour}{text}{Of(_style, "Reset")}";

    private static string Of(PSObject? style, string name) => style?.Properties[name]?.Value as string ?? string.Empty;
}
