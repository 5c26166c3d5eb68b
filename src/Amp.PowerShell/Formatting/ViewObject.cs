using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Amp.PowerShell.Formatting;

/// <summary>
/// An object as views see it: by the names of its type and its properties alone, so that what came back from a job, a remote session or
/// Clixml, which has nothing else, is shown as it was.
/// </summary>
internal readonly struct ViewObject
{
    private const string OwnPrefix = "Amp.";
    private const string DeserializedPrefix = "Deserialized.";

    private readonly PSObject? _object;

    public ViewObject(object? value) => _object = value is null ? null : PSObject.AsPSObject(value);

    /// <summary>The module's name of its type, whether or not it is a deserialized one; empty for other objects.</summary>
    public string TypeName => _object is null ? string.Empty : _object.TypeNames
        .Select(name => name.StartsWith(DeserializedPrefix, StringComparison.Ordinal) ? name[DeserializedPrefix.Length..] : name)
        .FirstOrDefault(name => name.StartsWith(OwnPrefix, StringComparison.Ordinal) && !name.Contains('#', StringComparison.Ordinal)) ?? string.Empty;

    /// <summary>Whether it carries the type name that is no type's but only chooses a view.</summary>
    public bool IsMarked(string name) => _object?.TypeNames.Any(item => item.EndsWith(name, StringComparison.Ordinal)) == true;

    /// <summary>The property's value without what PowerShell wraps it in; null where there is no such property.</summary>
    public object? this[string name] => Plain(_object?.Properties[name]?.Value);

    /// <summary>The property's value as a text; null where there is none.</summary>
    public string? Text(string name) => _object?.Properties[name]?.Value is object value ? Words(value) : null;

    /// <summary>The property's value as a whole number; 0 where there is none.</summary>
    public long Number(string name) =>
        this[name] is IConvertible value and not string ? value.ToInt64(CultureInfo.InvariantCulture) : 0;

    /// <summary>Whether the property is true.</summary>
    public bool Flag(string name) => this[name] is true;

    /// <summary>The property's object; one without properties where there is none.</summary>
    public ViewObject Object(string name) => new(_object?.Properties[name]?.Value);

    /// <summary>What is in the property's list; nothing where there is none.</summary>
    public IEnumerable<ViewObject> Items(string name) =>
        this[name] is IEnumerable list and not (string or IDictionary) ? list.Cast<object?>().Select(item => new ViewObject(item)) : [];

    /// <summary>Whether there is an object.</summary>
    public bool Exists => _object is not null;

    /// <summary>The object as a text.</summary>
    public override string ToString() => _object is null ? string.Empty : Words(_object);

    /// <summary>A value without what PowerShell wraps it in.</summary>
    public static object? Plain(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    /// <summary>A value as a text; an enumeration that came back as a number has its name with it.</summary>
    public static string Words(object value) => value switch
    {
        PSObject { BaseObject: IFormattable and not Enum } wrapped
            when !wrapped.TypeNames.Contains("Deserialized.System.Enum") => Words(wrapped.BaseObject),
        PSObject wrapped => wrapped.ToString(),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };
}
