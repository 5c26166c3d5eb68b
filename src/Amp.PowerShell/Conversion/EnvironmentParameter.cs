using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Security;

namespace Amp.PowerShell.Conversion;

/// <summary>Reads the value of an <c>-Environment</c> parameter.</summary>
internal static class EnvironmentParameter
{
    /// <summary>Gets the variables as strings. A null value removes a variable.</summary>
    public static Dictionary<string, string?>? ToDictionary(IDictionary? given)
    {
        if (given is null)
        {
            return null;
        }

        Dictionary<string, string?> result = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in given)
        {
            result[LanguagePrimitives.ConvertTo<string>(entry.Key)] = TextOf(PlainValue.Unwrap(entry.Value));
        }

        return result;
    }

    private static string? TextOf(object? value) => value switch
    {
        null => null,

        // Its text is only for the CLI. With the usual conversion, the CLI would get the name of the type.
        SecureString secret => new NetworkCredential(string.Empty, secret).Password,
        _ => LanguagePrimitives.ConvertTo<string>(value),
    };
}
