using System.Collections;
using System.Collections.Specialized;

namespace Amp.Json;

/// <summary>
/// Collects the fields of an object in order, in linear time: an ordered dictionary would search through all entries for the position of a
/// repeated name.
/// </summary>
/// <param name="comparer">The comparer for names. If two names differ only in case, the comparison becomes exact.</param>
internal struct FieldCollection(StringComparer comparer)
{
    private Dictionary<string, int>? _places;

    /// <summary>The fields so far; null only if the collection was never started.</summary>
    public OrderedDictionary? Fields { get; private set; } = new(comparer);

    /// <summary>Adds a field. A repeated name gets the last value, as in JavaScript.</summary>
    public void Set(string name, object? value)
    {
        if (!Fields!.Contains(name))
        {
            Add(name, value);
            return;
        }

        _places ??= Fields.Keys.Cast<string>().Select((known, place) => KeyValuePair.Create(known, place)).ToDictionary(StringComparer.Ordinal);
        if (_places.TryGetValue(name, out int at))
        {
            Fields[at] = value;
            return;
        }

        // PowerShell's objects ignore case, JSON's do not: if an object contains both names, both are kept.
        OrderedDictionary exact = new(StringComparer.Ordinal);
        foreach (DictionaryEntry field in Fields)
        {
            exact.Add(field.Key, field.Value);
        }

        Fields = exact;
        Add(name, value);
    }

    private readonly void Add(string name, object? value)
    {
        _places?.Add(name, Fields!.Count);
        Fields!.Add(name, value);
    }
}
