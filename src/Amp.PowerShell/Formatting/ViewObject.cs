using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Amp.PowerShell.Formatting;

/// <summary>
/// An object for views, accessed only by type name and property names, so that deserialized objects, which have nothing else, are shown in
/// the same way.
/// </summary>
internal readonly struct ViewObject
{
    private const string OwnPrefix = "Amp.";
    private const string DeserializedPrefix = "Deserialized.";

    private readonly PSObject? _object;

    public ViewObject(object? value) => _object = value is null ? null : PSObject.AsPSObject(value);

    /// <summary>The type name in the module, also for a deserialized object; empty for other objects.</summary>
    public string TypeName => _object is null ? string.Empty : _object.TypeNames
        .Select(name => name.StartsWith(DeserializedPrefix, StringComparison.Ordinal) ? name[DeserializedPrefix.Length..] : name)
        .FirstOrDefault(name => name.StartsWith(OwnPrefix, StringComparison.Ordinal) && !name.Contains('#', StringComparison.Ordinal)) ?? string.Empty;

    /// <summary>Whether the object has the type name that only selects a view.</summary>
    public bool IsMarked(string name) => _object?.TypeNames.Any(item => item.EndsWith(name, StringComparison.Ordinal)) == true;

    /// <summary>Gets the value of a property without PowerShell wrappers; null if the property does not exist.</summary>
    public object? this[string name] => Plain(_object?.Properties[name]?.Value);

    /// <summary>Gets the value of a property as a string; null if there is none.</summary>
    public string? Text(string name) => _object?.Properties[name]?.Value is object value ? Words(value) : null;

    /// <summary>Gets the value of a property as an integer; 0 if there is none.</summary>
    public long Number(string name) =>
        this[name] is IConvertible value and not string ? value.ToInt64(CultureInfo.InvariantCulture) : 0;

    /// <summary>Returns whether a property is true.</summary>
    public bool Flag(string name) => this[name] is true;

    /// <summary>Gets the object in a property; an object without properties if there is none.</summary>
    public ViewObject Object(string name) => new(_object?.Properties[name]?.Value);

    /// <summary>Gets the items of the list in a property; empty if there is none.</summary>
    public IEnumerable<ViewObject> Items(string name) =>
        this[name] is IEnumerable list and not (string or IDictionary) ? list.Cast<object?>().Select(item => new ViewObject(item)) : [];

    /// <summary>Whether there is an object.</summary>
    public bool Exists => _object is not null;

    /// <summary>Returns the object as text.</summary>
    public override string ToString() => _object is null ? string.Empty : Words(_object);

    /// <summary>Gets a value without PowerShell wrappers.</summary>
    public static object? Plain(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    /// <summary>Gets a value as text. An enum value that was deserialized as a number gets its name.</summary>
    public static string Words(object value) => value switch
    {
        PSObject { BaseObject: IFormattable and not Enum } wrapped
            when !wrapped.TypeNames.Contains("Deserialized.System.Enum") => Words(wrapped.BaseObject),
        PSObject wrapped => wrapped.ToString(),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };
}
