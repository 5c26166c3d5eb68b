using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;

namespace Amp.Fuzz;

/// <summary>Reads everything that an object shows, down to its last value: what is read late can fail late.</summary>
internal static class PropertyReader
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> s_properties = new();

    public static void ReadAll(object? value)
    {
        switch (value)
        {
            case null or string or Type or MethodBase:
                return;
            case IDictionary fields:
                foreach (DictionaryEntry field in fields)
                {
                    ReadAll(field.Value);
                }

                return;
            case IEnumerable items:
                foreach (object? item in items)
                {
                    ReadAll(item);
                }

                return;
        }

        Type type = value.GetType();
        if (type.Namespace?.StartsWith("Amp", StringComparison.Ordinal) != true || type.IsEnum)
        {
            return;
        }

        _ = value.ToString();
        foreach (PropertyInfo property in s_properties.GetOrAdd(type, PublicProperties))
        {
            ReadAll(property.GetValue(value));
        }
    }

    private static PropertyInfo[] PublicProperties(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanRead && property.GetIndexParameters().Length == 0),
    ];
}
