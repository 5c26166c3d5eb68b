using System.Collections;
using System.Collections.Specialized;

namespace Amp.Json;

/// <summary>
/// Puts the fields of an object together, in the order in which they come, in time that grows with their number only: a dictionary that
/// keeps an order looks through all it has for the place of a name that comes again.
/// </summary>
/// <param name="comparer">How names are looked up, unless two that come differ only in case: then exactly.</param>
internal struct FieldCollection(StringComparer comparer)
{
    private Dictionary<string, int>? _places;

    /// <summary>The fields so far; null only in a collection that was never begun.</summary>
    public OrderedDictionary? Fields { get; private set; } = new(comparer);

    /// <summary>Adds a field. A name that comes twice has the last value, as in JavaScript.</summary>
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

        // PowerShell's objects do not tell "a" from "A", JSON's do: where one holds both, both are kept.
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
