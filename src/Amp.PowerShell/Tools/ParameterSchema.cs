using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Net.Mail;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Amp.PowerShell.Tools;

/// <summary>Creates the JSON Schema of a parameter.</summary>
internal static class ParameterSchema
{
    private static readonly HashSet<Type> s_integers =
        [typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong)];

    private static readonly HashSet<Type> s_numbers = [typeof(float), typeof(double), typeof(decimal)];

    // Types that PowerShell converts from a string and that users write as one.
    private static readonly HashSet<Type> s_texts =
    [
        typeof(string), typeof(char), typeof(Guid), typeof(Uri), typeof(Version), typeof(TimeSpan), typeof(Regex), typeof(CultureInfo),
        typeof(Encoding), typeof(IPAddress), typeof(MailAddress), typeof(FileInfo), typeof(DirectoryInfo), typeof(FileSystemInfo),
        typeof(DateOnly), typeof(TimeOnly), typeof(System.Numerics.BigInteger),
    ];

    private static readonly HashSet<Type> s_objects =
        [typeof(Hashtable), typeof(IDictionary), typeof(System.Collections.Specialized.OrderedDictionary), typeof(PSCustomObject)];

    /// <summary>Gets the schema of a parameter; null if JSON cannot represent its type.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="help">The help text of its command for the parameter.</param>
    /// <param name="isCustomObject">Whether the type was written as <c>[pscustomobject]</c>, which .NET cannot distinguish from
    /// <c>[psobject]</c>.</param>
    public static JsonObject? Of(CommandParameterInfo parameter, string? help, bool isCustomObject = false)
    {
        if (OfType(parameter.ParameterType, depth: 0) is not JsonObject schema)
        {
            return null;
        }

        if (isCustomObject)
        {
            (schema["items"] as JsonObject ?? schema)["type"] = "object";
        }

        List<string> notes = [];
        string? text = help ?? (string.IsNullOrWhiteSpace(parameter.HelpMessage) ? null : parameter.HelpMessage.Trim());
        if (text is not null)
        {
            notes.Add(text);
        }

        // A list is checked item by item.
        JsonObject item = schema["items"] as JsonObject ?? schema;
        foreach (Attribute attribute in parameter.Attributes)
        {
            Add(attribute, schema, item, notes);
        }

        if (notes.Count > 0)
        {
            schema["description"] = string.Join(' ', notes);
        }

        return schema;
    }

    /// <summary>
    /// Gets the schema of a type that PowerShell treats as one value, or of a list of such values; null if the type has properties.
    /// </summary>
    public static JsonObject? OfSimple(Type type) => OfType(type, depth: 1);

    /// <summary>Adds the constraints of an attribute.</summary>
    /// <param name="attribute">The attribute.</param>
    /// <param name="schema">The schema of the value.</param>
    /// <param name="item">The schema of its items, or the same schema.</param>
    /// <param name="notes">Notes about constraints that a schema cannot express.</param>
    public static void Add(Attribute attribute, JsonObject schema, JsonObject item, List<string> notes)
    {
        switch (attribute)
        {
            case ValidateSetAttribute set:
                item["enum"] = new JsonArray([.. set.ValidValues.Select(value => (JsonNode)value)]);
                item["type"] = "string";
                break;
            case ValidateRangeAttribute range:
                SetLimit(item, "minimum", Number(range.MinRange));
                SetLimit(item, "maximum", Number(range.MaxRange));
                break;
            case ValidateLengthAttribute length:
                item["minLength"] = length.MinLength;
                item["maxLength"] = length.MaxLength;
                break;
            case ValidateCountAttribute count when schema != item:
                schema["minItems"] = count.MinLength;
                schema["maxItems"] = count.MaxLength;
                break;
            case ValidatePatternAttribute pattern:
                // Not as "pattern", because this is a .NET expression that ignores case by default.
                notes.Add($"Matches the .NET regular expression {pattern.RegexPattern}.");
                break;
        }
    }

    /// <summary>Gets the properties of an object of a class that a value from JSON can set.</summary>
    public static IReadOnlyList<PropertyInfo> SettableOf(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property =>
            property.SetMethod?.IsPublic == true && property.GetIndexParameters().Length == 0 && !property.IsDefined(typeof(HiddenAttribute))),
    ];

    private static void SetLimit(JsonObject item, string name, JsonValue? limit)
    {
        if (limit is not null)
        {
            item[name] = limit;
        }
    }

    private static JsonValue? Number(object? value) => value switch
    {
        sbyte or byte or short or ushort or int or uint or long => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        ulong large => JsonValue.Create(large),
        decimal exact => JsonValue.Create(exact),
        // A limit that JSON cannot express is none: infinity. As a decimal, a float of 0.1 is 0.1 and not 0.10000000149.
        float number when !float.IsFinite(number) => null,
        double number when !double.IsFinite(number) => null,
        float or double when Math.Abs(Convert.ToDouble(value, CultureInfo.InvariantCulture)) < (double)decimal.MaxValue =>
            JsonValue.Create(Convert.ToDecimal(value, CultureInfo.InvariantCulture)),
        float or double => JsonValue.Create(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static JsonObject? OfType(Type type, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(bool) || type == typeof(SwitchParameter))
        {
            return new JsonObject { ["type"] = "boolean" };
        }

        if (s_texts.Contains(type))
        {
            return new JsonObject { ["type"] = "string" };
        }

        if (s_integers.Contains(type))
        {
            return new JsonObject { ["type"] = "integer" };
        }

        if (s_numbers.Contains(type))
        {
            return new JsonObject { ["type"] = "number" };
        }

        if (type == typeof(DateTime) || type == typeof(DateTimeOffset))
        {
            return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
        }

        if (type.IsEnum)
        {
            JsonArray names = new([.. Enum.GetNames(type).Select(name => (JsonNode)name)]);
            return type.IsDefined(typeof(FlagsAttribute), inherit: false)
                ? new JsonObject { ["type"] = "string", ["description"] = $"One or more of these, with commas: {string.Join(", ", Enum.GetNames(type))}." }
                : new JsonObject { ["type"] = "string", ["enum"] = names };
        }

        if (s_objects.Contains(type))
        {
            return new JsonObject { ["type"] = "object" };
        }

        // Any value is allowed.
        if (type == typeof(object) || type == typeof(PSObject))
        {
            return [];
        }

        if (ItemType(type) is Type itemType)
        {
            return OfType(itemType, depth) is JsonObject item ? new JsonObject { ["type"] = "array", ["items"] = item } : null;
        }

        return depth == 0 && type.Assembly.IsDynamic && type.IsClass && type.GetConstructor(Type.EmptyTypes) is not null ? OfClass(type) : null;
    }

    private static Type? ItemType(Type type)
    {
        if (type.IsArray)
        {
            return type.GetArrayRank() == 1 ? type.GetElementType() : null;
        }

        if (type == typeof(IEnumerable) || type == typeof(IList) || type == typeof(ICollection) || type == typeof(ArrayList))
        {
            return typeof(object);
        }

        return type.IsGenericType && type.GetGenericArguments() is [Type item]
            && type.IsAssignableFrom(typeof(List<>).MakeGenericType(item))
                ? item
                : null;
    }

    // A script class, which PowerShell creates from a hashtable. Constructors of other types can do anything.
    private static JsonObject OfClass(Type type)
    {
        JsonObject properties = [];
        foreach (PropertyInfo property in SettableOf(type))
        {
            JsonObject schema = OfType(property.PropertyType, depth: 1) ?? [];
            List<string> notes = [];
            foreach (Attribute attribute in property.GetCustomAttributes())
            {
                Add(attribute, schema, schema["items"] as JsonObject ?? schema, notes);
            }

            if (notes.Count > 0)
            {
                schema["description"] = string.Join(' ', notes);
            }

            properties[property.Name] = schema;
        }

        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
    }
}
