using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Security;
using System.Text;
using System.Text.Json;
using Amp.Mcp;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Reads the value of an <c>-McpConfig</c> parameter: a JSON string, the path of a JSON file, or the same content as a hashtable.
/// </summary>
internal static class McpConfigParameter
{
    private const string ParameterName = "McpConfig";

    /// <summary>Gets the JSON string or the full path; null if no value was given.</summary>
    /// <param name="value">The value.</param>
    /// <param name="resolvePath">Resolves a path that the user typed to a full path.</param>
    /// <exception cref="AmpValidationException">The value is none of these. No message shows it.</exception>
    public static string? ToText(object? value, Func<string, string> resolvePath)
    {
        switch (PlainValue.Of(value, ParameterName))
        {
            case null:
                return null;
            case string text when string.IsNullOrWhiteSpace(text) || McpText.IsJson(text):
                return text;
            case string text when McpText.MayBeJson(text):
                return ExistingFile(text, resolvePath) ?? text;
            case string path:
                return resolvePath(path);
            case FileInfo file:
                return file.FullName;
            case IDictionary servers:
                using (MemoryStream bytes = new())
                {
                    using (Utf8JsonWriter writer = new(bytes))
                    {
                        Write(writer, servers, ParameterName);
                    }

                    return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
                }

            case object other:
                throw new AmpValidationException(
                    $"-{ParameterName} is an object of type {other.GetType()}.",
                    ParameterName,
                    "Give a hashtable that has a server for each name, a JSON string, or the path of a JSON file. "
                    + "Use -McpServer for servers from New-AmpMcpServer.");
        }
    }

    // Text with a fault is refused by the library, which does not show it. The error of a path shows the path.
    private static string? ExistingFile(string text, Func<string, string> resolvePath)
    {
        try
        {
            return resolvePath(text) is string path && File.Exists(path) ? path : null;
        }
        catch (AmpValidationException)
        {
            return null;
        }
    }

    // A hashtable has no order of its own. The text for the CLI must be the same every time.
    private static IEnumerable<(string Name, object? Value)> Entries(IDictionary dictionary)
    {
        IEnumerable<(string Name, object? Value)> entries = dictionary
            .Cast<DictionaryEntry>()
            .Select(entry => (Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? string.Empty, entry.Value));
        return dictionary is Hashtable ? entries.OrderBy(entry => entry.Name, StringComparer.Ordinal) : entries;
    }

    private static void Write(Utf8JsonWriter writer, object? value, string place)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case SecureString secret:
                writer.WriteStringValue(new System.Net.NetworkCredential(string.Empty, secret).Password);
                break;
            case bool boolean:
                writer.WriteBooleanValue(boolean);
                break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal:
                writer.WriteNumberValue(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case float number when float.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case Uri address:
                writer.WriteStringValue(address.OriginalString);
                break;
            case IDictionary dictionary:
                writer.WriteStartObject();
                foreach ((string name, object? inner) in Entries(dictionary))
                {
                    writer.WritePropertyName(name);
                    Write(writer, inner, $"{place}.{TerminalText.Strip(name)}");
                }

                writer.WriteEndObject();
                break;
            case object?[] list:
                writer.WriteStartArray();
                for (int i = 0; i < list.Length; i++)
                {
                    Write(writer, list[i], $"{place}[{i}]");
                }

                writer.WriteEndArray();
                break;
            default:
                throw new AmpValidationException(
                    $"{place} is an object of type {value.GetType()}.",
                    ParameterName,
                    "Give a string, a list, a hashtable, a number or a boolean.");
        }
    }
}
