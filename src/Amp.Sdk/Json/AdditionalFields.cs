using System.Collections;
using System.Collections.Specialized;
using System.Text.Json;

namespace Amp.Json;

/// <summary>Collects the fields without a property, without cost if there are none.</summary>
internal struct AdditionalFields
{
    private FieldCollection _fields;

    /// <summary>Collects the fields of an object.</summary>
    public static AdditionalFields Of(OrderedDictionary? fields)
    {
        AdditionalFields all = default;
        foreach (DictionaryEntry field in fields ?? [])
        {
            all.Add((string)field.Key, field.Value);
        }

        return all;
    }

    public readonly bool IsEmpty => _fields.Fields is null or { Count: 0 };

    /// <summary>The fields. The collection is created on first use, so an empty one is never shared between messages.</summary>
    public OrderedDictionary Properties
    {
        get
        {
            if (_fields.Fields is null)
            {
                _fields = new FieldCollection(StringComparer.Ordinal);
            }

            return _fields.Fields!;
        }
    }

    /// <summary>Adds the field whose name is the reader's current token, with its value.</summary>
    public void Keep(ref JsonReader reader)
    {
        string name = JsonText.Recurring(ref reader);
        reader.Read();
        Add(name, JsonValue.Read(ref reader));
    }

    public void Add(string name, object? value)
    {
        _ = Properties;
        _fields.Set(name, value);
    }
}
