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
    /// <exception cref="AmpValidationException">A value is null or empty, a list holds null, or a list of rules or images is empty.</exception>
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
                case AmpPermission[] { Length: 0 } or InputImage[] { Length: 0 } when !property.IsDefined(typeof(AllowEmptyCollectionAttribute)):
                    throw Error($"-{name} is an empty list.", name);
                case Array list when list.Cast<object?>().Any(item => PlainValue.Unwrap(item) is null):
                    throw Error($"One of the values of -{name} is $null.", name);
            }
        }
    }

    private static AmpValidationException Error(string message, string name) => new(
        message,
        name,
        "Check the variable name, or omit the parameter.");
}
