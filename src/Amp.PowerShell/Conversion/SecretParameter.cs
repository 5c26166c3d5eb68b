using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Security;

namespace Amp.PowerShell.Conversion;

/// <summary>Reads parameters that may contain secrets, as a string or a <see cref="SecureString"/>.</summary>
internal static class SecretParameter
{
    /// <exception cref="AmpValidationException">A value is neither. The message does not show it.</exception>
    public static IEnumerable<KeyValuePair<string, SecretText>>? ToSecrets(IDictionary? given, string parameterName)
    {
        if (given is null)
        {
            return null;
        }

        List<KeyValuePair<string, SecretText>> result = [];
        foreach (DictionaryEntry entry in given)
        {
            object key = entry.Key is PSObject wrapped ? wrapped.BaseObject : entry.Key;
            string name = Convert.ToString(key, CultureInfo.InvariantCulture) ?? string.Empty;
            result.Add(new(name, ToSecret(entry.Value, parameterName, $"The value of '{TerminalText.Strip(name)}'")));
        }

        if (given is Hashtable)
        {
            // It has no order of its own. The text for the CLI must be the same every time.
            result.Sort((left, right) => string.CompareOrdinal(left.Key, right.Key));
        }

        return result;
    }

    /// <exception cref="AmpValidationException">The value is neither. The message does not show it.</exception>
    public static SecretText ToSecret(object? value, string parameterName, string place)
    {
        switch (PlainValue.Unwrap(value))
        {
            case string text:
                return new SecretText(text);
            case SecureString secure:
                try
                {
                    return new SecretText(secure);
                }
                catch (ArgumentException exception)
                {
                    throw new AmpValidationException($"{place} cannot be read: {exception.Message}", parameterName, "Create a new one.");
                }

            case null:
                throw new AmpValidationException($"{place} is null.", parameterName, "Give a string or a SecureString, or omit it.");
            case IConvertible simple and not DateTime:
                return new SecretText(simple.ToString(CultureInfo.InvariantCulture));
            case object other:
                throw new AmpValidationException(
                    $"{place} is an object of type {other.GetType()}.", parameterName, "Give a string or a SecureString.");
        }
    }
}
