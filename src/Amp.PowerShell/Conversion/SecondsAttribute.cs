using System.Globalization;
using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Validates a number of seconds, with fractions as in PowerShell's own cmdlets: from 0, which means no limit, to about 24 days. Null is
/// refused: it would become 0, and a misspelled variable would mean no limit.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class SecondsAttribute : ValidateArgumentsAttribute
{
    /// <summary>The maximum number of seconds that timers support.</summary>
    internal const double Most = int.MaxValue / 1000;

    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);

    /// <summary>Converts to a time span. A fraction that is too small for a timer does not become zero.</summary>
    internal static TimeSpan ToTimeSpan(double seconds)
    {
        TimeSpan time = TimeSpan.FromSeconds(seconds);
        return seconds > 0 && time < s_least ? s_least : time;
    }

    /// <inheritdoc/>
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        if (arguments is not double seconds || !(seconds >= 0 && seconds <= Most))
        {
            throw new ValidationMetadataException(string.Create(
                CultureInfo.InvariantCulture, $"The value must be a number of seconds from 0 (no limit) to {Most:0}."));
        }
    }
}
