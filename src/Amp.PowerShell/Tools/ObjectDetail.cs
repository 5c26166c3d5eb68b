namespace Amp.PowerShell.Tools;

/// <summary>How much of an object is told.</summary>
internal enum ObjectDetail
{
    /// <summary>All its own simple properties.</summary>
    Full,

    /// <summary>The properties that PowerShell shows by default.</summary>
    Brief,
}
