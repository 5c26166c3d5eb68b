using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Amp.Output;

/// <summary>
/// Creates a JSON Schema from a type in the format of <see cref="JsonSerializer"/>: its names, required members and enums.
/// </summary>
internal static class TypeSchema
{
    private static readonly NullabilityInfoContext s_nullability = new();

    private static readonly Dictionary<Type, (string Type, string? Format)> s_plain = new()
    {
        [typeof(string)] = ("string", null), [typeof(char)] = ("string", null), [typeof(bool)] = ("boolean", null),
        [typeof(sbyte)] = ("integer", null), [typeof(byte)] = ("integer", null), [typeof(short)] = ("integer", null),
        [typeof(ushort)] = ("integer", null), [typeof(int)] = ("integer", null), [typeof(uint)] = ("integer", null),
        [typeof(long)] = ("integer", null), [typeof(ulong)] = ("integer", null),
        [typeof(float)] = ("number", null), [typeof(double)] = ("number", null), [typeof(decimal)] = ("number", null),
        [typeof(DateTime)] = ("string", "date-time"), [typeof(DateTimeOffset)] = ("string", "date-time"),

        // The format "time" requires an offset, which a TimeOnly cannot have.
        [typeof(DateOnly)] = ("string", "date"), [typeof(TimeOnly)] = ("string", null), [typeof(TimeSpan)] = ("string", null),
        [typeof(Guid)] = ("string", "uuid"), [typeof(Uri)] = ("string", "uri-reference"), [typeof(Version)] = ("string", null),
    };

    private static JsonSerializerOptions? s_defaults;

    /// <summary>Gets the options for describing and reading a type.</summary>
    [RequiresUnreferencedCode(SerializerFacts.ReflectionMessage)]
    [RequiresDynamicCode(SerializerFacts.ReflectionMessage)]
    public static JsonSerializerOptions OptionsOf(JsonSerializerOptions? options)
    {
        if (options is null)
        {
            return s_defaults ??= MakeDefaults();
        }

        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <exception cref="AmpValidationException">The type refers to itself, or has a part that a schema cannot describe.</exception>
    public static JsonObject Of(JsonTypeInfo type) => Of(type, type.Type.Name, []);

    private static JsonObject Of(JsonTypeInfo type, string place, IReadOnlyList<Type> above)
    {
        Type plain = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        JsonObject schema = Shape(type, plain, place, above);
        if (plain != type.Type)
        {
            AllowNull(schema);
        }

        return schema;
    }

    private static JsonObject Shape(JsonTypeInfo type, Type plain, string place, IReadOnlyList<Type> above)
    {
        if (plain.IsEnum)
        {
            return OfEnum(type, plain);
        }

        if (s_plain.TryGetValue(plain, out (string Type, string? Format) known))
        {
            JsonObject schema = new() { ["type"] = known.Type };
            if (known.Format is not null)
            {
                schema["format"] = known.Format;
            }

            return schema;
        }

        if (plain == typeof(object) || plain == typeof(JsonElement) || typeof(JsonNode).IsAssignableFrom(plain))
        {
            return [];
        }

        if (above.Contains(plain))
        {
            throw Refused($"'{place}' refers to {plain.Name} again: a schema cannot describe a type that refers to itself", plain);
        }

        Type[] now = [.. above, plain];
        return type.Kind switch
        {
            JsonTypeInfoKind.Object => OfObject(type, place, now),
            JsonTypeInfoKind.Enumerable => new JsonObject { ["type"] = "array", ["items"] = Of(ItemOf(type, plain, typeof(IEnumerable<>), place), $"{place}[]", now) },
            JsonTypeInfoKind.Dictionary => new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = Of(ItemOf(type, plain, typeof(IDictionary<,>), place), $"{place}.*", now),
            },
            _ => throw Refused($"'{place}' is a {plain}, which a JSON Schema cannot describe", plain),
        };
    }

    private static JsonObject OfObject(JsonTypeInfo type, string place, IReadOnlyList<Type> above)
    {
        if (type.PolymorphismOptions is not null || (type.Type.IsAbstract && type.CreateObject is null))
        {
            throw Refused($"'{place}' is a {type.Type.Name}, which is abstract or has derived types: a schema cannot describe them", type.Type);
        }

        JsonObject properties = [];
        JsonArray required = [];
        foreach (JsonPropertyInfo property in type.Properties.Where(property => (property.Set is not null || SerializerFacts.IsConstructed(type, property)) && !property.IsExtensionData))
        {
            // The format of an unknown converter can be anything.
            JsonObject schema = TypeOf(type, property) is JsonTypeInfo shape ? Of(shape, $"{place}.{property.Name}", above) : [];
            Describe(schema, property.AttributeProvider);
            bool mayBeNull = !property.PropertyType.IsValueType && MayBeNull(property.AttributeProvider);
            if (mayBeNull)
            {
                AllowNull(schema);
            }

            properties[property.Name] = schema;
            if (property.IsRequired || !(mayBeNull || Nullable.GetUnderlyingType(property.PropertyType) is not null))
            {
                required.Add((JsonNode)property.Name);
            }
        }

        if (properties.Count == 0)
        {
            throw Refused($"'{place}' is a {type.Type.Name}, which has no property that JSON can set", type.Type);
        }

        JsonObject whole = new() { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            whole["required"] = required;
        }

        whole["additionalProperties"] = false;
        if (type.Type.GetCustomAttribute<DescriptionAttribute>() is { Description.Length: > 0 } description)
        {
            whole["description"] = description.Description;
        }

        return whole;
    }

    // A converter that the property has for itself decides how it is written, whatever its type. Null if its format is unknown.
    private static JsonTypeInfo? TypeOf(JsonTypeInfo type, JsonPropertyInfo property)
    {
        if (property.CustomConverter is not JsonConverter converter)
        {
            return type.Options.GetTypeInfo(property.PropertyType);
        }

        if ((Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType).IsEnum)
        {
            JsonSerializerOptions own = new(type.Options);
            own.Converters.Insert(0, converter);
            return own.GetTypeInfo(property.PropertyType);
        }

        // For a property that can be null, the serializer has its own converter around that of the attribute.
        IEnumerable<Type?> converters = (property.AttributeProvider?.GetCustomAttributes(typeof(JsonConverterAttribute), inherit: true) ?? [])
            .Select(attribute => ((JsonConverterAttribute)attribute).ConverterType).Append(converter.GetType());
        return converters.Any(made => made is not null && made.Assembly != typeof(JsonSerializer).Assembly)
            ? null
            : type.Options.GetTypeInfo(property.PropertyType);
    }

    // Its converter decides whether it is written as a name or a number.
    private static JsonObject OfEnum(JsonTypeInfo type, Type plain)
    {
        JsonArray names = [];
        bool isNumber = false;
        foreach (object number in Enum.GetValuesAsUnderlyingType(plain))
        {
            object value = Enum.ToObject(plain, number);
            JsonNode written = JsonSerializer.SerializeToNode(value, type)!;
            isNumber |= written.GetValueKind() == JsonValueKind.Number;
            if (!names.Any(name => JsonNode.DeepEquals(name, written)))
            {
                names.Add(written);
            }
        }

        return plain.IsDefined(typeof(FlagsAttribute), inherit: false)
            ? isNumber ? new JsonObject { ["type"] = "integer" }
            : new JsonObject { ["type"] = "string", ["description"] = $"One or more of these, with commas: {string.Join(", ", Enum.GetNames(plain))}." }
            : new JsonObject { ["type"] = isNumber ? "integer" : "string", ["enum"] = names };
    }

    private static JsonTypeInfo ItemOf(JsonTypeInfo type, Type plain, Type shape, string place) =>
        SerializerFacts.ItemOf(type, plain, shape) is Type item ? type.Options.GetTypeInfo(item)
            : typeof(IEnumerable).IsAssignableFrom(plain) ? type.Options.GetTypeInfo(typeof(object))
            : throw Refused($"'{place}' is a {plain}, whose items have an unknown type", plain);

    private static bool MayBeNull(ICustomAttributeProvider? member)
    {
        // A trimmed program does not keep this information, unless its author says so.
        if (AppContext.TryGetSwitch("System.Reflection.NullabilityInfoContext.IsSupported", out bool isKept) && !isKept)
        {
            return false;
        }

        lock (s_nullability)
        {
            return member switch
            {
                PropertyInfo property => s_nullability.Create(property).WriteState is not NullabilityState.NotNull
                    && s_nullability.Create(property).ReadState is not NullabilityState.NotNull,
                FieldInfo field => s_nullability.Create(field).WriteState is not NullabilityState.NotNull,
                _ => false,
            };
        }
    }

    private static void AllowNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type && type.TryGetValue(out string? name))
        {
            schema["type"] = new JsonArray(name, "null");
            (schema["enum"] as JsonArray)?.Add(null);
        }
    }

    private static void Describe(JsonObject schema, ICustomAttributeProvider? member)
    {
        JsonObject item = schema["items"] as JsonObject ?? schema;
        foreach (object attribute in member?.GetCustomAttributes(inherit: true) ?? [])
        {
            switch (attribute)
            {
                case DescriptionAttribute { Description.Length: > 0 } description:
                    schema["description"] = description.Description;
                    break;
                case AllowedValuesAttribute allowed:
                    item["enum"] = new JsonArray([.. allowed.Values.Select(ValueOf)]);
                    break;
                case RangeAttribute range when Number(range.Minimum) is decimal least && Number(range.Maximum) is decimal most:
                    item[range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = least;
                    item[range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum"] = most;
                    break;
                case StringLengthAttribute length:
                    item["minLength"] = length.MinimumLength;
                    item["maxLength"] = length.MaximumLength;
                    break;
                case RegularExpressionAttribute pattern:
                    item["pattern"] = $"^(?:{pattern.Pattern})$";
                    break;
                case MinLengthAttribute least:
                    schema[schema == item ? "minLength" : "minItems"] = least.Length;
                    break;
                case MaxLengthAttribute most:
                    schema[schema == item ? "maxLength" : "maxItems"] = most.Length;
                    break;
            }
        }
    }

    // The values that an attribute can have.
    private static JsonNode? ValueOf(object? value) => value switch
    {
        null => null,
        string or char => JsonValue.Create(value.ToString()),
        bool boolean => JsonValue.Create(boolean),
        double or float => JsonValue.Create(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        Enum or IConvertible => JsonValue.Create(Convert.ToDecimal(value, CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(value.ToString()),
    };

    private static decimal? Number(object value) => value is int or double
        ? Convert.ToDouble(value, CultureInfo.InvariantCulture) is > -1e28 and < 1e28 ? Convert.ToDecimal(value, CultureInfo.InvariantCulture) : null
        : null;

    private static AmpValidationException Refused(string reason, Type type) => new(
        $"The type cannot be used as an output schema: {reason}.",
        AmpOptionName.OutputSchema,
        "Give a simpler type, or the schema as JSON text.",
        type);

    [RequiresUnreferencedCode(SerializerFacts.ReflectionMessage)]
    [RequiresDynamicCode(SerializerFacts.ReflectionMessage)]
    private static JsonSerializerOptions MakeDefaults()
    {
        JsonSerializerOptions options = new() { Converters = { new JsonStringEnumConverter() }, PropertyNameCaseInsensitive = true };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
