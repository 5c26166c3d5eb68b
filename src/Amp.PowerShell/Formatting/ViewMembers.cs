using System.ComponentModel;
using System.Management.Automation;

namespace Amp.PowerShell.Formatting;

/// <summary>The members that Amp.Types.ps1xml gives the module's types for their views.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ViewMembers
{
    /// <summary>
    /// The texts of an object. In Amp.Types.ps1xml this is the member that PowerShell asks for an object's own text when it stores it, which it
    /// does for none of these: of all members that scripts can reach, it alone is neither shown, nor stored, nor sent.
    /// </summary>
    public static object Texts(PSObject item) => new ViewTexts(item);

    /// <summary>The message without colours, for where no view is asked.</summary>
    public static object Shown(PSObject message) => MessageView.Of(message);
}
