using System.Collections.Specialized;
using System.Text.Json;

namespace Amp.Json;

/// <summary>Collects the fields that no property shows; costs nothing where there are none.</summary>
internal struct AdditionalFields
{
    private FieldCollection _fields;

    public readonly bool IsEmpty => _fields.Fields is null or { Count: 0 };

    /// <summary>The fields. Made when first asked for, so that an empty set is never shared between messages.</summary>
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

    /// <summary>Takes the field whose name the reader stands on, with its value.</summary>
    public void Keep(ref JsonReader reader)
    {
        string name = JsonText.String(ref reader);
        reader.Read();
        Add(name, JsonValue.Read(ref reader));
    }

    public void Add(string name, object? value)
    {
        _ = Properties;
        _fields.Set(name, value);
    }
}
