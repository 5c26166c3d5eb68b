using System.Collections;
using System.Management.Automation;
using System.Reflection;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Refuses a parameter value that is <c>$null</c>, such as that of a misspelled variable, or an empty string where it is not valid. If it
/// were treated as omitted, a run would start without the rules, approvals or thread that the caller intended.
/// </summary>
internal static class GivenNull
{
    /// <summary>Checks the values on the command line. Parameters with <c>[AllowNull]</c> check for null themselves.</summary>
    /// <exception cref="AmpValidationException">
    /// A value is null or empty, a list holds null, or a list of rules, images, messages or protected paths is empty.
    /// </exception>
    public static void Refuse(PSCmdlet cmdlet)
    {
        foreach ((string name, object? value) in cmdlet.MyInvocation.BoundParameters)
        {
            if (cmdlet.GetType().GetProperty(name) is not PropertyInfo property || property.IsDefined(typeof(AllowNullAttribute)))
            {
                continue;
            }

            switch (PlainValue.Unwrap(value))
            {
                case null:
                    throw Error($"-{name} is $null.", name);
                case string { Length: 0 } when property.PropertyType == typeof(string) && !property.IsDefined(typeof(AllowEmptyStringAttribute)):
                    throw Error($"-{name} is empty.", name);
                case AmpPermission[] { Length: 0 } or InputImage[] { Length: 0 } or UserInputMessage[] { Length: 0 } when !property.IsDefined(typeof(AllowEmptyCollectionAttribute)):
                case string[] { Length: 0 } when name is "VerifyPath":
                    throw EmptyList(name);
                case Array list when list.Cast<object?>().Any(item => PlainValue.Unwrap(item) is null):
                    throw Error($"One of the values of -{name} is $null.", name);
            }
        }
    }

    /// <summary>Gets the objects of an input parameter that is given by name, one by one as the pipeline passes them.</summary>
    /// <exception cref="AmpValidationException">The value is null or an empty list, or a list holds null.</exception>
    public static PSObject[] Items(PSObject? value, string name)
    {
        object?[] items = LanguagePrimitives.GetEnumerable(value)?.Cast<object?>().ToArray() ?? [value];
        return value is null ? throw Error($"-{name} is $null.", name)
            : items.Length == 0 ? throw EmptyList(name)
            : Array.Exists(items, item => PlainValue.Unwrap(item) is null) ? throw Error($"One of the values of -{name} is $null.", name)
            : Array.ConvertAll(items, PSObject.AsPSObject);
    }

    /// <summary>
    /// Checks the values of a piped object, once. If null were treated as omitted, it would select everything or the current folder, and the next cmdlet often removes
    /// what it gets.
    /// </summary>
    /// <exception cref="AmpValidationException">The pipeline gave null, or a list that holds null.</exception>
    public static void RefusePiped(PSCmdlet cmdlet, params string[] names)
    {
        string? refused = null;
        foreach (string name in names)
        {
            if (!cmdlet.MyInvocation.BoundParameters.TryGetValue(name, out object? value))
            {
                continue;
            }

            object? plain = PlainValue.Unwrap(value);
            if (plain is null || (plain is Array list && list.Cast<object?>().Any(item => PlainValue.Unwrap(item) is null)))
            {
                // PowerShell keeps it for the next objects, also for those that do not bind the parameter.
                cmdlet.MyInvocation.BoundParameters.Remove(name);
                refused ??= name;
            }
        }

        if (refused is not null)
        {
            throw new AmpValidationException(
                $"A piped object gives $null for -{refused}.", refused, "Check the variable or the property that you pipe in, or pipe nothing in.");
        }
    }

    /// <summary>Creates the error for a list that holds null.</summary>
    public static AmpValidationException InList(string name) => Error($"One of the values of -{name} is $null.", name);

    /// <summary>Creates the error for an empty list.</summary>
    public static AmpValidationException EmptyList(string name) => Error($"-{name} is an empty list.", name);

    private static AmpValidationException Error(string message, string name) => new(
        message,
        name,
        "Check the variable name, or omit the parameter.");
}
