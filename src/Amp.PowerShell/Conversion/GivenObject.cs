using System.Collections;
using System.Management.Automation;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// The fields of an object that represents one of the SDK's objects: a hashtable, a custom object, or an object of the SDK from Clixml, a
/// job or a remote session. Names are not case-sensitive. A field that is not read is an error, because a misspelled field would create an
/// unintended rule or server.
/// </summary>
internal sealed class GivenObject
{
    // Properties that remoting and jobs add to every object.
    private static readonly string[] s_ofRemoting = ["PSComputerName", "RunspaceId", "PSShowComputerName", "PSSourceJobInstanceId"];

    private readonly Dictionary<string, object?> _fields = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    private GivenObject(string place, string parameterName)
    {
        Place = place;
        ParameterName = parameterName;
    }

    /// <summary>The name of the object in an error.</summary>
    public string Place { get; }

    public string ParameterName { get; }

    /// <summary>Reads the fields.</summary>
    /// <param name="value">The object.</param>
    /// <param name="place">The name of the object in an error.</param>
    /// <param name="parameterName">The parameter that the object was given for.</param>
    /// <param name="wayOut">The advice if the object has no fields.</param>
    /// <exception cref="AmpValidationException">The object has no fields, or has a field twice.</exception>
    public static GivenObject Of(
        object? value, string place, string parameterName, string wayOut = "Give a hashtable, or create the object with its cmdlet.")
    {
        PSObject? wrapped = value as PSObject;
        object? plain = wrapped is null ? value : wrapped.BaseObject;
        GivenObject given = new(place, parameterName);
        if (plain is IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary)
            {
                given.Add(entry.Key is PSObject key ? key.ToString() : entry.Key as string, entry.Value);
            }

            return given;
        }

        if (plain is not PSCustomObject)
        {
            throw given.Refuse(
                plain is null ? "is null." : plain is string ? "is a string." : $"is an object of type {plain.GetType()}.", wayOut);
        }

        foreach (PSPropertyInfo property in wrapped!.Properties.Where(property => Array.IndexOf(s_ofRemoting, property.Name) < 0))
        {
            given.Add(property.Name, property.Value);
        }

        return given;
    }

    /// <summary>Returns whether the object has the field, even if it is null.</summary>
    public bool Has(string name) => _fields.ContainsKey(name);

    /// <summary>Gets the value under one of the names; null if there is none.</summary>
    public object? Take(params string[] names)
    {
        string[] found = [.. names.Where(_fields.ContainsKey)];
        _taken.UnionWith(found);
        return found.Length > 1
            ? throw Refuse($"has both '{found[0]}' and '{found[1]}'.", "Give one of them.")
            : found.Length == 1 ? _fields[found[0]] : null;
    }

    /// <summary>Gets the string under one of the names; null if there is none.</summary>
    public string? Text(params string[] names) => Take(names) switch
    {
        null => null,
        string text => text,
        PSObject { BaseObject: string text } => text,
        PSObject { BaseObject: Enum value } => value.ToString(),

        // A deserialized enum value is its number, with the name as its text.
        PSObject value when value.TypeNames.Any(name => name.StartsWith("Deserialized.Amp.", StringComparison.Ordinal)) => value.ToString(),
        Enum value => value.ToString(),
        Uri address => address.OriginalString,
        object other => throw Refuse($"has a '{names[0]}' of type {PlainValue.Unwrap(other)!.GetType()}.", "Give a string."),
    };

    /// <summary>
    /// Gets the enum value under the name, from its name or its number (as ConvertTo-Json writes it without -EnumsAsStrings); null if there
    /// is none.
    /// </summary>
    public T? Choice<T>(string name)
        where T : struct, Enum
    {
        object? value = PlainValue.Unwrap(_fields.GetValueOrDefault(name));
        if (value is int or long)
        {
            _taken.Add(name);
            T[] known = [.. Enum.GetValues<T>().Where(one => Convert.ToInt64(one, System.Globalization.CultureInfo.InvariantCulture) == Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture))];
            return known.Length == 1 ? known[0] : throw RefuseChoice<T>(name, $"{value}");
        }

        return Text(name) is not string text ? null
            : Enum.GetNames<T>().FirstOrDefault(one => one.Equals(text, StringComparison.OrdinalIgnoreCase)) is string found ? Enum.Parse<T>(found)
            : throw RefuseChoice<T>(name, text);
    }

    /// <summary>Gets the strings under one of the names; null if there are none.</summary>
    public string[]? Texts(params string[] names) => PlainValue.Unwrap(Take(names)) switch
    {
        null => null,
        string text => [text],
        IEnumerable list and not IDictionary => [.. list.Cast<object?>().Select(item => Item(names[0], PlainValue.Unwrap(item)))],
        object other => throw Refuse($"has '{names[0]}' of type {other.GetType()}.", "Give a list of strings."),
    };

    // An empty variable would become an empty string.
    private string Item(string name, object? item) => item switch
    {
        null => throw Refuse($"has '{name}' with an item that is $null.", "Check the variable name, or omit the item."),
        string text => text,
        Uri address => address.OriginalString,
        FileSystemInfo file => file.FullName,
        PathInfo place => place.ProviderPath,
        IEnumerable other => throw Refuse($"has '{name}' with an item of type {other.GetType()}.", "Give a list of strings."),
        object other => Convert.ToString(other, System.Globalization.CultureInfo.InvariantCulture)!,
    };

    /// <summary>Returns whether the field is true; false if it does not exist.</summary>
    public bool Flag(string name) => PlainValue.Unwrap(Take(name)) switch
    {
        null => false,
        bool value => value,
        SwitchParameter value => value,
        object other => throw Refuse($"has '{name}' of type {other.GetType()}.", "Give $true or $false."),
    };

    /// <summary>Gets the dictionary under one of the names; null if there is none.</summary>
    public IDictionary? Dictionary(params string[] names) => Take(names) switch
    {
        null => null,
        object value when PlainValue.Of(value, ParameterName) is IDictionary copy => copy,
        object other => throw Refuse($"has '{names[0]}' of type {PlainValue.Unwrap(other)!.GetType()}, which is not a hashtable.", "Give a hashtable."),
    };

    /// <summary>Refuses the fields that were not read.</summary>
    /// <exception cref="AmpValidationException">There is such a field.</exception>
    public void RefuseRest(string known)
    {
        if (_fields.Keys.FirstOrDefault(name => !_taken.Contains(name)) is string other)
        {
            throw Refuse($"has '{TerminalText.Strip(other)}', which is not a known field.", $"The known fields are {known}.");
        }
    }

    /// <summary>Creates an error about this object. It contains no value, because any value may be a secret.</summary>
    public AmpValidationException Refuse(string reason, string wayOut) => new($"{Place} {reason} {wayOut}", ParameterName, wayOut);

    private AmpValidationException RefuseChoice<T>(string field, string value)
        where T : struct, Enum =>
        Refuse($"has the {field} '{TerminalText.Strip(value)}', which is not one of the allowed values.", $"Give one of {string.Join(", ", Enum.GetNames<T>())}.");

    private void Add(string? name, object? value)
    {
        if (name is null || !_fields.TryAdd(name, value))
        {
            throw Refuse(name is null ? "has a key that is not a string." : $"has '{TerminalText.Strip(name)}' twice.", "Give each field once, by its name.");
        }
    }
}
