using System.Collections;
using System.Collections.Specialized;
using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace Amp.PowerShell.Formatting;

/// <summary>
/// The texts behind the tables and lists of the module's views. Whatever a model, a program, a workspace or another user has written comes
/// to the console through here: without what a terminal would obey, and whole characters only. The objects keep their texts as they are.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Cell
{
    // PowerShell cuts what is wider than its column; this much is never shown on one line.
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

    /// <summary>A value on one line.</summary>
    public static string Of(PSObject? value) => TextCells.Cut(Line(value), LongestLine);

    /// <summary>A value on one line, in a column of that many cells.</summary>
    public static string Of(PSObject? value, int width) => TextCells.Cut(Line(value), width);

    /// <summary>A value with all its lines.</summary>
    public static string Block(PSObject? value) => value is null ? string.Empty : Safe(ViewObject.Words(value)).Trim('\n');

    /// <summary>The values of a list on one line. Of a list itself, PowerShell would show the first four.</summary>
    public static string List(PSObject? values) => values is null ? string.Empty : ViewObject.Plain(values) switch
    {
        string text => Of(text),
        IDictionary fields => Of(string.Join(", ", fields.Keys.Cast<object>())),
        IEnumerable list => Of(string.Join(", ", list.Cast<object?>().Select(item => item is null ? string.Empty : ViewObject.Words(item)))),
        _ => Of(values),
    };

    /// <summary>The values of a list, a line each.</summary>
    public static string Lines(PSObject? values) => ViewObject.Plain(values) is IEnumerable list and not (string or IDictionary)
        ? string.Join('\n', list.Cast<object?>().Select(item => item is null ? string.Empty : Of(PSObject.AsPSObject(item))))
        : Of(values);

    /// <summary>The fields of a dictionary on one line.</summary>
    public static string Fields(PSObject? value) => Of(ToolInputText.All(value));

    /// <summary>The fields of a dictionary, a line each.</summary>
    public static string Tree(PSObject? value) => Safe(ToolInputText.Lines(value));

    /// <summary>A value as JSON on one line, as a settings file would have it.</summary>
    public static string Json(PSObject? value) => value is null ? string.Empty : Of(JsonLine.Of(value));

    /// <summary>A permission rule as JSON on one line.</summary>
    public static string Rule(PSObject? value)
    {
        ViewObject rule = new(value);
        OrderedDictionary fields = [];
        foreach (string name in s_ruleFields)
        {
            // Actions and contexts are words in small letters there.
            if (rule[name] is object field && field is not "")
            {
                fields.Add(
                    name.ToLowerInvariant(),
                    name is nameof(AmpPermission.Kind) or nameof(AmpPermission.Action) or nameof(AmpPermission.Context) ? rule.Text(name)!.ToLowerInvariant() : field);
            }
        }

        return fields.Count == 0 ? string.Empty : Of(JsonLine.Of(fields));
    }

    /// <summary>A point of time, here and to the minute, with <c>~</c> where it is an estimate.</summary>
    public static string Time(PSObject? value, bool isEstimated = false)
    {
        DateTime? time = ViewObject.Plain(value) switch
        {
            null => null,
            DateTimeOffset offset => offset.LocalDateTime,
            DateTime local => local.ToLocalTime(),

            // What came back from Clixml or a job has no such type any more, but its text.
            object other => DateTimeOffset.TryParse(other.ToString(), CultureInfo.InvariantCulture, out DateTimeOffset parsed) ? parsed.LocalDateTime : null,
        };
        return time is null ? Of(value) : (isEstimated ? "~" : " ") + time.Value.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
    }

    /// <summary>A word that tells how something is, in the colour for that.</summary>
    public static string State(PSObject? value, PSObject? style)
    {
        string word = Of(value);
        ViewStyle look = new(style);
        return look.Paint(
            s_bad.Contains(word) ? look.Error : s_doubtful.Contains(word) ? look.Warning : s_good.Contains(word) ? look.Accent : string.Empty, word);
    }

    /// <summary>Yes or no, in the colour for failures where it is not as it should be.</summary>
    public static string Flag(PSObject? value, bool wanted, PSObject? style)
    {
        ViewStyle look = new(style);
        bool isTrue = ViewObject.Plain(value) is true;
        return look.Paint(isTrue == wanted ? string.Empty : look.Error, isTrue ? "True" : "False");
    }

    /// <summary>A text without what a terminal would obey, and without halves of characters.</summary>
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

    /// <summary>The same on one line, as short as it can be written: PowerShell counts each mark on a character as another one.</summary>
    internal static string Line(string text)
    {
        string line = Safe(text).ReplaceLineEndings(" ").Replace('\t', ' ');
        try
        {
            return line.IsNormalized() ? line : line.Normalize();
        }
        catch (ArgumentException)
        {
            // It holds what Unicode sets apart as no character.
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
