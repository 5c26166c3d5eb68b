using System.Globalization;
using System.Management.Automation;

namespace Amp.PowerShell.Formatting;

/// <summary>The cells of the view of threads, for the format file. They take properties, so that threads of another session have them too.</summary>
public static class ThreadView
{
    /// <summary>The title, without what a terminal would obey.</summary>
    public static string Title(PSObject thread) => TerminalText.Strip(Value(thread, nameof(AmpThread.Title)) as string ?? "(no title)").ReplaceLineEndings(" ");

    /// <summary>The time of the last change here, with <c>~</c> where it is an estimate.</summary>
    public static string Updated(PSObject thread)
    {
        if (Value(thread, nameof(AmpThread.Updated)) is not DateTimeOffset updated)
        {
            return string.Empty;
        }

        bool isEstimated = Value(thread, nameof(AmpThread.IsUpdatedEstimated)) is true;
        return (isEstimated ? "~" : " ") + updated.LocalDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
    }

    private static object? Value(PSObject thread, string name)
    {
        ArgumentNullException.ThrowIfNull(thread);
        return thread.Properties[name]?.Value is PSObject wrapped ? wrapped.BaseObject : thread.Properties[name]?.Value;
    }
}
