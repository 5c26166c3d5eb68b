using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>What the caller wants to see of a stream.</summary>
internal static class Preference
{
    /// <summary>Whether the stream is not shown: by the common parameter of the call, or else by the session's variable.</summary>
    public static bool IsSilent(PSCmdlet cmdlet, string parameter, string variable)
    {
        object? value = cmdlet.MyInvocation.BoundParameters.TryGetValue(parameter, out object? bound)
            ? bound
            : cmdlet.SessionState.PSVariable.GetValue(variable);

        // Anybody may have made a text of it.
        return LanguagePrimitives.TryConvertTo(value, out ActionPreference preference)
            && preference is ActionPreference.SilentlyContinue or ActionPreference.Ignore;
    }
}
