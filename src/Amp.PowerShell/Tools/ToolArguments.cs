using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;
using System.Text.Json;

namespace Amp.PowerShell.Tools;

/// <summary>Converts the input of the agent to parameters of a call.</summary>
internal static class ToolArguments
{
    /// <summary>Reads a JSON object.</summary>
    /// <exception cref="ArgumentException">The input has an unknown parameter, or lacks a mandatory one, for which PowerShell would prompt
    /// at the console.</exception>
    public static Hashtable Read(JsonElement arguments, ToolParameters parameters)
    {
        Hashtable result = new(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty given in arguments.EnumerateObject())
        {
            CommandParameterInfo parameter = parameters.Find(given.Name) ?? throw new ArgumentException(
                $"There is no parameter '{given.Name}'. {Known(parameters)}");
            if (given.Value.ValueKind != JsonValueKind.Null)
            {
                object? value = ValueFor(given.Value, parameter.ParameterType);
                result[parameter.Name] = WantsObjects(parameter.ParameterType) ? AsObjects(value) : value;
            }
        }

        string[] missing = [.. parameters.MandatoryNames.Where(name => !result.ContainsKey(name))];
        return missing.Length == 0
            ? result
            : throw new ArgumentException($"The parameter '{string.Join("', '", missing)}' is missing. {Known(parameters)}");
    }

    /// <summary>Converts a value to PowerShell types: tables, lists, strings, numbers.</summary>
    public static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.TryGetInt32(out int small) ? small
            : value.TryGetInt64(out long large) ? large
            : value.TryGetDecimal(out decimal exact) && IsSame(exact, value.GetDouble()) ? exact
            : value.GetDouble(),
        JsonValueKind.Array => value.EnumerateArray().Select(Value).ToArray(),
        JsonValueKind.Object => Filled(new Hashtable(StringComparer.OrdinalIgnoreCase), value),
        _ => null,
    };

    /// <summary>
    /// Converts a value to PowerShell types, with all digits if it is for a decimal, and in order if it is for an ordered dictionary, to which
    /// PowerShell cannot convert a hashtable.
    /// </summary>
    public static object? ValueFor(JsonElement value, Type type) => value.ValueKind switch
    {
        JsonValueKind.Number when (Nullable.GetUnderlyingType(type) ?? type) == typeof(decimal) && value.TryGetDecimal(out decimal exact) => exact,
        JsonValueKind.Object when type == typeof(OrderedDictionary) => Filled(new OrderedDictionary(StringComparer.OrdinalIgnoreCase), value),
        JsonValueKind.Array when type.GetElementType() is Type itemType => value.EnumerateArray().Select(item => ValueFor(item, itemType)).ToArray(),
        _ => Value(value),
    };

    // A decimal has 28 places, so a smaller number would be 0.
    private static bool IsSame(decimal exact, double number) => (double)exact == number;

    private static IDictionary Filled(IDictionary table, JsonElement value)
    {
        foreach (JsonProperty property in value.EnumerateObject())
        {
            table[property.Name] = Value(property.Value);
        }

        return table;
    }

    // For .NET, [pscustomobject] as a parameter type is the same as [psobject].
    private static bool WantsObjects(Type type) =>
        (type.IsArray ? type.GetElementType() : type) is Type item && (item == typeof(PSObject) || item == typeof(PSCustomObject));

    // The same types as ConvertFrom-Json, at any depth.
    private static object? AsObjects(object? value)
    {
        switch (value)
        {
            case Hashtable table:
                PSObject result = new();
                foreach (DictionaryEntry entry in table)
                {
                    result.Properties.Add(new PSNoteProperty((string)entry.Key, AsObjects(entry.Value)));
                }

                return result;
            case object?[] list:
                return list.Select(AsObjects).ToArray();
            default:
                return value;
        }
    }

    private static string Known(ToolParameters parameters) =>
        parameters.Names.Any() ? $"The parameters are: {string.Join(", ", parameters.Names)}." : "There are no parameters.";
}
