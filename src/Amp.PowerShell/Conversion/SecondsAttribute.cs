using System.Globalization;
using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// What a parameter for a number of seconds takes, fractions as PowerShell's own cmdlets take them: from 0, which is no limit, to about 24
/// days. Null is refused: as a number it would be 0, and a misspelt variable no limit.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class SecondsAttribute : ValidateArgumentsAttribute
{
    /// <summary>The most seconds that timers take.</summary>
    internal const double Most = int.MaxValue / 1000;

    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);

    /// <summary>The time; a fraction too small for a timer is not taken for none.</summary>
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
                CultureInfo.InvariantCulture, $"The value must be a number of seconds from 0, for no limit, to {Most:0}."));
        }
    }
}
