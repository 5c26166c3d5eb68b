namespace Amp.PowerShell.Tools;

/// <summary>Lets through only scripts that call nothing but allowed commands.</summary>
internal sealed class ScriptGate
{
}
