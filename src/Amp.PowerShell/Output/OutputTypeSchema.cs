using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using System.Reflection;
using System.Text.Json.Nodes;
using Amp.PowerShell.Tools;

namespace Amp.PowerShell.Output;

/// <summary>Creates a JSON Schema for a type: a class of a script or of .NET, an enum, or a list or array of these.</summary>
internal static class OutputTypeSchema
{
    private static readonly NullabilityInfoContext s_nullability = new();

    /// <exception cref="AmpValidationException">The type refers to itself, or has a part that JSON cannot represent.</exception>
    public static JsonObject Of(Type type) => Of(type, type.Name, []);

    /// <summary>Gets the item type of a list; null if the type is not a list.</summary>
    public static Type? ItemOf(Type type) => type == typeof(string) ? null
        : type.IsArray ? type.GetArrayRank() == 1 ? type.GetElementType() : null
        : ValueOf(type) is not null || typeof(IDictionary).IsAssignableFrom(type) ? null
        : type.IsGenericType && type.GetGenericArguments() is [Type item] && type.IsAssignableFrom(typeof(List<>).MakeGenericType(item)) ? item
        : null;

    /// <summary>Gets the value type of a dictionary with string keys; null if the type is not such a dictionary.</summary>
    public static Type? ValueOf(Type type) => type.IsGenericType && type.GetGenericArguments() is [Type key, Type value] && key == typeof(string)
        && type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(key, value)) ? value : null;

    /// <summary>Gets the properties that an answer can set; empty if the type is not a class with properties.</summary>
    public static IReadOnlyList<PropertyInfo> PropertiesOf(Type type) => type.IsClass && type.GetConstructor(Type.EmptyTypes) is not null
        ? ParameterSchema.SettableOf(type)
        : [];

    private static JsonObject Of(Type type, string place, IReadOnlyList<Type> above)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        JsonObject schema = Shape(plain, place, above);
        return plain == type ? schema : WithNull(schema);
    }

    private static JsonObject Shape(Type type, string place, IReadOnlyList<Type> above)
    {
        if (ItemOf(type) is Type item)
        {
            return new JsonObject { ["type"] = "array", ["items"] = Of(item, $"{place}[]", above) };
        }

        if (ValueOf(type) is Type value)
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(value, $"{place}.*", above) };
        }

        if (ParameterSchema.OfSimple(type) is JsonObject simple)
        {
            return simple;
        }

        if (above.Contains(type))
        {
            throw Refused($"'{place}' has the type {type.Name} again, and a type that refers to itself cannot be described", type);
        }

        IReadOnlyList<PropertyInfo> properties = PropertiesOf(type);
        return properties.Count == 0
            ? throw Refused($"'{place}' is a {type}, which has no parameterless constructor, or no property that can be set", type)
            : OfClass(type, properties, place, [.. above, type]);
    }

    private static JsonObject OfClass(Type type, IReadOnlyList<PropertyInfo> properties, string place, IReadOnlyList<Type> above)
    {
        JsonObject described = [];
        ClassComments comments = ClassComments.Of(type);
        foreach (PropertyInfo property in properties)
        {
            JsonObject schema = Of(property.PropertyType, $"{place}.{property.Name}", above);
            List<string> notes = [];
            foreach (Attribute attribute in property.GetCustomAttributes())
            {
                ParameterSchema.Add(attribute, schema, schema["items"] as JsonObject ?? schema, notes);
                if (attribute is DescriptionAttribute { Description.Length: > 0 } told)
                {
                    notes.Insert(0, told.Description);
                }
            }

            if (!property.IsDefined(typeof(DescriptionAttribute)) && comments.Properties.TryGetValue(property.Name, out string? comment))
            {
                notes.Insert(0, comment);
            }

            if (notes.Count > 0)
            {
                schema["description"] = string.Join(' ', notes);
            }

            described[property.Name] = MayBeNull(property) ? WithNull(schema) : schema;
        }

        JsonObject whole = new() { ["type"] = "object", ["properties"] = described };
        whole["required"] = new JsonArray([.. properties.Select(property => (JsonNode)property.Name)]);
        whole["additionalProperties"] = false;
        if ((type.GetCustomAttribute<DescriptionAttribute>()?.Description ?? comments.Description) is { Length: > 0 } description)
        {
            whole["description"] = description;
        }

        return whole;
    }

    // A script class uses [AllowNull()]; compiled code uses a question mark.
    private static bool MayBeNull(PropertyInfo property)
    {
        if (property.PropertyType.IsValueType)
        {
            return false;
        }

        lock (s_nullability)
        {
            return property.IsDefined(typeof(AllowNullAttribute)) || s_nullability.Create(property).WriteState == NullabilityState.Nullable;
        }
    }

    private static JsonObject WithNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type && type.TryGetValue(out string? name))
        {
            schema["type"] = new JsonArray(name, "null");
            (schema["enum"] as JsonArray)?.Add(null);
        }

        return schema;
    }

    private static AmpValidationException Refused(string reason, Type type) => new(
        $"[{type.Name}] cannot be used as an output schema: {reason}.", "OutputSchema", "Give a simpler type, or the schema as a JSON string or a hashtable.", type);
}
