using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>The caller's preference for a stream.</summary>
internal static class Preference
{
    /// <summary>Returns whether the stream is hidden, by the common parameter or else by the preference variable.</summary>
    public static bool IsSilent(PSCmdlet cmdlet, string parameter, string variable)
    {
        object? value = cmdlet.MyInvocation.BoundParameters.TryGetValue(parameter, out object? bound)
            ? bound
            : cmdlet.SessionState.PSVariable.GetValue(variable);

        // The variable may have been set to a string.
        return LanguagePrimitives.TryConvertTo(value, out ActionPreference preference)
            && preference is ActionPreference.SilentlyContinue or ActionPreference.Ignore;
    }
}
