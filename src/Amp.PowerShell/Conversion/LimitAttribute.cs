using System.Globalization;
using System.Management.Automation;
using Amp.PowerShell.Conversion;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Validates the value of a limit: a number greater than 0. Null is refused, because a misspelled variable would mean no limit.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class LimitAttribute : ValidateArgumentsAttribute
{
    /// <inheritdoc/>
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        object? given = PlainValue.Unwrap(arguments);
        if (given is not (int or long or decimal) || Convert.ToDecimal(given, CultureInfo.InvariantCulture) <= 0)
        {
            throw new ValidationMetadataException("The value must be a number greater than 0. Omit the parameter for no limit.");
        }
    }
}
