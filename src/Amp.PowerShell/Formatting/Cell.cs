using System.Collections;
using System.Collections.Specialized;
using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace Amp.PowerShell.Formatting;

/// <summary>
/// The texts in the tables and lists of the module's views. Every text from a model, a program, a workspace or another user that is shown
/// in the console passes through this class, which removes terminal control sequences and incomplete characters. The objects keep their
/// original texts.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Cell
{
    // PowerShell cuts text that is wider than its column. More than this is never shown on one line.
    private const int LongestLine = 1000;

    private static readonly string[] s_ruleFields =
    [
        nameof(AmpPermission.Kind), nameof(AmpPermission.Command), nameof(AmpPermission.Path), nameof(AmpPermission.Tool), nameof(AmpPermission.Action), nameof(AmpPermission.Matches), nameof(AmpPermission.Context), nameof(AmpPermission.To),
        nameof(AmpPermission.Message),
    ];

    private static readonly HashSet<string> s_good = new(StringComparer.OrdinalIgnoreCase)
    {
        "allow", "connected", "Succeeded", "Idle", "Ready",
    };

    private static readonly HashSet<string> s_doubtful = new(StringComparer.OrdinalIgnoreCase)
    {
        "ask", "delegate", "Denied", "Empty", "Truncated", "awaiting-approval", "authenticating", "reconnecting", "connecting",
    };

    private static readonly HashSet<string> s_bad = new(StringComparer.OrdinalIgnoreCase)
    {
        "reject", "failed", "blocked-by-registry", "MaxTurns", "BudgetReached", "TimedOut", "NotAuthenticated", "Canceled",
    };

    /// <summary>Gets a value on one line.</summary>
    public static string Of(PSObject? value) => TextCells.Cut(Line(value), LongestLine);

    /// <summary>Gets a value on one line, in a column of this width in cells.</summary>
    public static string Of(PSObject? value, int width) => TextCells.Cut(Line(value), width);

    /// <summary>Gets a value with all its lines.</summary>
    public static string Block(PSObject? value) => value is null ? string.Empty : Safe(ViewObject.Words(value)).Trim('\n');

    /// <summary>Gets the values of a list on one line. PowerShell itself would show only the first four.</summary>
    public static string List(PSObject? values) => values is null ? string.Empty : ViewObject.Plain(values) switch
    {
        string text => Of(text),
        IDictionary fields => Of(string.Join(", ", fields.Keys.Cast<object>())),
        IEnumerable list => Of(string.Join(", ", list.Cast<object?>().Select(item => item is null ? string.Empty : ViewObject.Words(item)))),
        _ => Of(values),
    };

    /// <summary>Gets the values of a list, one per line.</summary>
    public static string Lines(PSObject? values) => ViewObject.Plain(values) is IEnumerable list and not (string or IDictionary)
        ? string.Join('\n', list.Cast<object?>().Select(item => item is null ? string.Empty : Of(PSObject.AsPSObject(item))))
        : Of(values);

    /// <summary>Gets the fields of a dictionary on one line.</summary>
    public static string Fields(PSObject? value) => Of(ToolInputText.All(value));

    /// <summary>Gets the fields of a dictionary, one per line.</summary>
    public static string Tree(PSObject? value) => Safe(ToolInputText.Lines(value));

    /// <summary>Gets a value as JSON on one line, in the format of a settings file.</summary>
    public static string Json(PSObject? value) => value is null ? string.Empty : Of(JsonLine.Of(value));

    /// <summary>Gets a permission rule as JSON on one line.</summary>
    public static string Rule(PSObject? value)
    {
        ViewObject rule = new(value);
        OrderedDictionary fields = [];
        foreach (string name in s_ruleFields)
        {
            // Actions and contexts are in lower case there.
            if (rule[name] is object field && field is not "")
            {
                fields.Add(
                    name.ToLowerInvariant(),
                    name is nameof(AmpPermission.Kind) or nameof(AmpPermission.Action) or nameof(AmpPermission.Context) ? rule.Text(name)!.ToLowerInvariant() : field);
            }
        }

        return fields.Count == 0 ? string.Empty : Of(JsonLine.Of(fields));
    }

    /// <summary>Gets a local time to the minute, with <c>~</c> if it is an estimate.</summary>
    public static string Time(PSObject? value, bool isEstimated = false)
    {
        DateTime? time = ViewObject.Plain(value) switch
        {
            null => null,
            DateTimeOffset offset => offset.LocalDateTime,
            DateTime local => local.ToLocalTime(),

            // A deserialized object does not have this type, only its text.
            object other => DateTimeOffset.TryParse(other.ToString(), CultureInfo.InvariantCulture, out DateTimeOffset parsed) ? parsed.LocalDateTime : null,
        };
        return time is null ? Of(value) : (isEstimated ? "~" : " ") + time.Value.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
    }

    /// <summary>Gets the name of a state, in the color of that state.</summary>
    public static string State(PSObject? value, PSObject? style)
    {
        string word = Of(value);
        ViewStyle look = new(style);
        return look.Paint(
            s_bad.Contains(word) ? look.Error : s_doubtful.Contains(word) ? look.Warning : s_good.Contains(word) ? look.Accent : string.Empty, word);
    }

    /// <summary>Gets yes or no, in the color of failures if the value is not the expected one.</summary>
    public static string Flag(PSObject? value, bool wanted, PSObject? style)
    {
        ViewStyle look = new(style);
        bool isTrue = ViewObject.Plain(value) is true;
        return look.Paint(isTrue == wanted ? string.Empty : look.Error, isTrue ? "True" : "False");
    }

    /// <summary>Gets a text without terminal control sequences and incomplete characters.</summary>
    internal static string Safe(string text)
    {
        string stripped = TerminalText.Strip(text);
        foreach (char c in stripped)
        {
            if (char.IsSurrogate(c))
            {
                return Whole(stripped);
            }
        }

        return stripped;
    }

    /// <summary>Gets the same on one line, as short as possible, because PowerShell counts each combining mark as a character.</summary>
    internal static string Line(string text)
    {
        string line = Safe(text).ReplaceLineEndings(" ").Replace('\t', ' ');
        try
        {
            return line.IsNormalized() ? line : line.Normalize();
        }
        catch (ArgumentException)
        {
            // The text contains a Unicode noncharacter.
            return line;
        }
    }

    private static string Line(PSObject? value) => value is null ? string.Empty : Line(ViewObject.Words(value));

    internal static string Of(string text) => TextCells.Cut(Line(text), LongestLine);

    private static string Whole(string text)
    {
        StringBuilder whole = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            whole.Append(rune.ToString());
        }

        return whole.ToString();
    }
}
