using System.Management.Automation;
using System.Management.Automation.Language;
using System.Security;

namespace Amp.PowerShell.Conversion;

/// <summary>Refuses a key that was given as plain text, and keeps it out of everything that is shown or stored about the call.</summary>
internal static class ApiKeyParameter
{
    /// <exception cref="AmpValidationException">The value is not a <see cref="SecureString"/>.</exception>
    public static void Check(SecureString? key, InvocationInfo invocation)
    {
        if (!ReferenceEquals(key, ApiKeyTransformationAttribute.Refused))
        {
            return;
        }

        // An error keeps its line, which may contain the key.
        ScriptPosition place = new(invocation.ScriptName, invocation.ScriptLineNumber, 1, $"{invocation.InvocationName} -ApiKey ***");
        invocation.DisplayScriptPosition = new ScriptExtent(place, place);
        throw new AmpValidationException(
            "-ApiKey requires a SecureString, so that the key is not written to logs and history.",
            "ApiKey",
            "Type the key: -ApiKey (Read-Host -AsSecureString); or get it from a vault: -ApiKey (Get-Secret AMP_API_KEY). You can also set $env:AMP_API_KEY "
                + "and omit -ApiKey.");
    }
}
