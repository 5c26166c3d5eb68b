using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Text.Json;
using Amp.Json;
using Amp.PowerShell.Tools;

namespace Amp.PowerShell.Output;

/// <summary>Converts the answer to objects. Call it on the pipeline thread.</summary>
internal static class OutputReader
{
    /// <summary>Converts the answer to the same objects as <c>ConvertFrom-Json</c>.</summary>
    public static object? ToTree(string answer)
    {
        using JsonDocument document = JsonDocument.Parse(answer, JsonReader.DocumentOptions);
        return Tree(document.RootElement);
    }

    /// <summary>Converts the answer to an object of a type.</summary>
    /// <exception cref="PSInvalidCastException">The answer matches the schema but cannot be converted, for example because of a validation
    /// in the class.</exception>
    public static object? ToObject(string answer, Type type)
    {
        using JsonDocument document = JsonDocument.Parse(answer, JsonReader.DocumentOptions);
        return Convert(document.RootElement, type);
    }

    private static object? Tree(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                PSObject result = new();
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    // PowerShell treats names that differ only in case as one; the last one is used, as elsewhere.
                    result.Properties.Remove(property.Name);
                    result.Properties.Add(new PSNoteProperty(property.Name, Tree(property.Value)));
                }

                return result;
            case JsonValueKind.Array:
                return value.EnumerateArray().Select(Tree).ToArray();
            case JsonValueKind.Number:
                return JsonValue.ParseOrNull(value.GetRawText());
            default:
                return ToolArguments.Value(value);
        }
    }

    private static object? Convert(JsonElement value, Type type)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        if (OutputTypeSchema.ItemOf(type) is Type itemType && value.ValueKind == JsonValueKind.Array)
        {
            object?[] items = [.. value.EnumerateArray().Select(item => Convert(item, itemType))];
            IList list = type.IsArray ? Array.CreateInstance(itemType, items.Length) : (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(itemType))!;
            for (int i = 0; i < items.Length; i++)
            {
                if (type.IsArray)
                {
                    list[i] = items[i];
                }
                else
                {
                    list.Add(items[i]);
                }
            }

            return list;
        }

        if (OutputTypeSchema.ValueOf(type) is Type valueType && value.ValueKind == JsonValueKind.Object)
        {
            IDictionary table = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
            foreach (JsonProperty property in value.EnumerateObject())
            {
                table[property.Name] = Convert(property.Value, valueType);
            }

            return table;
        }

        if (type == typeof(object) || type == typeof(PSObject))
        {
            return Tree(value);
        }

        if (value.ValueKind == JsonValueKind.Object && ParameterSchema.OfSimple(type) is null && OutputTypeSchema.PropertiesOf(type) is { Count: > 0 } properties)
        {
            Hashtable set = new(StringComparer.OrdinalIgnoreCase);
            List<PropertyInfo> nulls = [];
            foreach (PropertyInfo property in properties)
            {
                if (!value.TryGetProperty(property.Name, out JsonElement given))
                {
                    continue;
                }

                if (given.ValueKind == JsonValueKind.Null)
                {
                    nulls.Add(property);
                }
                else
                {
                    set[property.Name] = Convert(given, property.PropertyType);
                }
            }

            object made = LanguagePrimitives.ConvertTo(set, type, CultureInfo.InvariantCulture);
            nulls.ForEach(property => SetNull(made, property));
            return made;
        }

        return LanguagePrimitives.ConvertTo(ToolArguments.ValueFor(value, type), type, CultureInfo.InvariantCulture);
    }

    // The initial value of a property would look like an answer. PowerShell itself would make an empty string of null.
    private static void SetNull(object made, PropertyInfo property)
    {
        if (property.PropertyType.IsValueType && Nullable.GetUnderlyingType(property.PropertyType) is null)
        {
            return;
        }

        try
        {
            // What is null already is not validated again: validation attributes of a class refuse null.
            if (!property.CanRead || property.GetValue(made) is not null)
            {
                property.SetValue(made, null);
            }
        }
        catch (TargetInvocationException exception)
        {
            throw new PSInvalidCastException(exception.InnerException?.Message ?? exception.Message, exception.InnerException ?? exception);
        }
    }
}
