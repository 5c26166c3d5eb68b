using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Copies a value without the PowerShell wrappers that may surround each part: dictionaries stay dictionaries, custom objects become
/// dictionaries, lists become arrays. Other objects are not changed; the consumer decides about them.
/// </summary>
internal sealed class PlainValue
{
    private readonly List<object> _open = [];
    private readonly string _parameterName;

    private PlainValue(string parameterName) => _parameterName = parameterName;

    /// <exception cref="AmpValidationException">The value contains itself.</exception>
    public static object? Of(object? value, string parameterName) => new PlainValue(parameterName).Copy(value);

    /// <summary>Removes the PowerShell wrapper of a value, but not those inside it.</summary>
    public static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private object? Copy(object? value)
    {
        if (value is PSObject { BaseObject: PSCustomObject } custom)
        {
            return Inside(custom, () => CopyProperties(custom));
        }

        return Unwrap(value) switch
        {
            SwitchParameter flag => flag.IsPresent,
            IDictionary dictionary => Inside(dictionary, () => CopyEntries(dictionary)),
            IEnumerable list and not string => Inside(list, () => list.Cast<object?>().Select(Copy).ToArray()),
            object other => other,
            null => null,
        };
    }

    private OrderedDictionary CopyProperties(PSObject custom)
    {
        OrderedDictionary result = new(StringComparer.Ordinal);
        foreach (PSPropertyInfo property in custom.Properties)
        {
            result.Add(property.Name, Copy(property.Value));
        }

        return result;
    }

    private IDictionary CopyEntries(IDictionary dictionary)
    {
        // A value without an order of its own must stay recognizable.
        IDictionary result = dictionary is Hashtable ? new Hashtable() : new OrderedDictionary(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in dictionary)
        {
            result.Add(entry.Key is PSObject key ? key.BaseObject : entry.Key, Copy(entry.Value));
        }

        return result;
    }

    private T Inside<T>(object container, Func<T> copy)
    {
        if (_open.Exists(outer => ReferenceEquals(outer, container)))
        {
            throw new AmpValidationException($"{_parameterName} contains itself.", _parameterName, "Remove the circular reference.");
        }

        _open.Add(container);
        T result = copy();
        _open.RemoveAt(_open.Count - 1);
        return result;
    }
}
