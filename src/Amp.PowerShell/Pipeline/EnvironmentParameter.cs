using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>Reads the value of an <c>-Environment</c> parameter.</summary>
internal static class EnvironmentParameter
{
    /// <summary>The variables as text; null values stay null, which takes a variable away.</summary>
    public static Dictionary<string, string?>? ToDictionary(IDictionary? given)
    {
        if (given is null)
        {
            return null;
        }

        Dictionary<string, string?> result = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in given)
        {
            object? value = entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value;
            result[LanguagePrimitives.ConvertTo<string>(entry.Key)] =
                value is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
        }

        return result;
    }
}
