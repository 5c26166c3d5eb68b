using System.Collections;
using System.Collections.ObjectModel;
using System.Collections.Specialized;
using System.Globalization;
using System.Numerics;

namespace Amp.Permissions;

/// <summary>
/// Copies the match of a rule, including nested values, and refuses values that the CLI would misinterpret or never match.
/// </summary>
internal sealed class MatchCopy
{
    /// <summary>The maximum nesting depth of a match.</summary>
    public const int MaxDepth = 32;

    // JavaScript, in which the CLI compares, has no integers beyond this.
    private const long LargestExactNumber = 1L << 53;

    private const string OptionName = "Match";

    // The values that are being copied, outermost first: a value that contains itself would be copied forever.
    private readonly List<object> _open = [];

    private MatchCopy()
    {
    }

    /// <exception cref="AmpValidationException">A value cannot be used. The message names its place.</exception>
    public static OrderedDictionary Of(IDictionary matches)
    {
        if (matches.Count == 0)
        {
            throw new AmpValidationException(
                "Match is empty; the rule would apply to every call of the tool.",
                OptionName,
                "Omit Match if you mean that; otherwise name an input of the tool and a pattern for it.");
        }

        return new MatchCopy().Dictionary(matches, OptionName);
    }

    private object? Value(object? value, string place, bool inList)
    {
        switch (value)
        {
            case null or bool:
                return value;
            case char c:
                return Text(c.ToString(), place);
            case string text:
                return Text(text, place);
            case Enum:
                throw Unusable(value, place);
            case sbyte or byte or short or ushort or int or uint or long or ulong or BigInteger or decimal:
                return ExactNumber(value, place);
            case float or double:
                return FiniteNumber(value, place);
            case IDictionary or IEnumerable when inList:
                // The CLI compares list items with the input by identity, except for strings.
                throw new AmpValidationException(
                    $"{place} is a {(value is IDictionary ? "dictionary" : "list")} in a list, which for the CLI never equals an "
                    + "input, so the rule would never match.",
                    OptionName,
                    value is IDictionary ? "Create a rule for each dictionary." : "Put all values into one list.");
            case IDictionary dictionary:
                return Dictionary(dictionary, place);
            case IEnumerable list:
                return List(list, place);
            default:
                throw Unusable(value, place);
        }
    }

    private OrderedDictionary Dictionary(IDictionary given, string place)
    {
        Open(given, place);
        List<KeyValuePair<string, object?>> entries = [];
        foreach (DictionaryEntry entry in given)
        {
            string name = Name(entry.Key, place);
            entries.Add(new(name, Value(entry.Value, $"{place}.{TerminalText.Strip(name)}", inList: false)));
        }

        if (given is Hashtable)
        {
            // It has no order of its own. A rule must be the same every time.
            entries.Sort((left, right) => string.CompareOrdinal(left.Key, right.Key));
        }

        _open.RemoveAt(_open.Count - 1);
        return Ordered(entries);
    }

    // As in [ordered]@{}, names ignore case, unless two of them differ only in case.
    private static OrderedDictionary Ordered(List<KeyValuePair<string, object?>> entries)
    {
        bool collide = entries.Select(entry => entry.Key).Distinct(StringComparer.OrdinalIgnoreCase).Count() < entries.Count;
        OrderedDictionary result = new(collide ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        foreach ((string name, object? value) in entries)
        {
            result.Add(name, value);
        }

        return result.AsReadOnly();
    }

    private ReadOnlyCollection<object?> List(IEnumerable given, string place)
    {
        Open(given, place);
        List<object?> items = [];
        foreach (object? item in given)
        {
            items.Add(Value(item, $"{place}[{items.Count}]", inList: true));
        }

        if (items.Count == 0)
        {
            throw new AmpValidationException(
                $"{place} is an empty list, so no value can match. The CLI ignores the whole rule.",
                OptionName,
                "Give at least one value, or omit the input to match any value.");
        }

        _open.RemoveAt(_open.Count - 1);
        return items.AsReadOnly();
    }

    private void Open(object given, string place)
    {
        if (_open.Exists(outer => ReferenceEquals(outer, given)))
        {
            throw new AmpValidationException($"{place} contains itself.", OptionName, "Remove the circular reference.");
        }

        if (_open.Count >= MaxDepth)
        {
            throw new AmpValidationException(
                $"{place} is nested deeper than {MaxDepth} levels.", OptionName, "Name the inner input by a path with dots: 'a.b.c' = 'value'.");
        }

        _open.Add(given);
    }

    private static string Name(object key, string place)
    {
        if (key is not string name)
        {
            throw new AmpValidationException(
                $"{place} has the key {key} of type {key.GetType()}.", OptionName, "Keys are the names of a tool's inputs, as strings.");
        }

        if (name.Length == 0)
        {
            throw new AmpValidationException($"{place} has an empty key.", OptionName, "Keys are the names of a tool's inputs.");
        }

        MatchText.Check(name, OptionName, $"A key of {place}");
        return name == "__proto__"
            ? throw new AmpValidationException(
                $"{place} has the key '__proto__', which the CLI ignores; the rule would apply to every call of the tool.",
                OptionName,
                "Remove the key; no tool has such an input.")
            : name;
    }

    private static string Text(string text, string place)
    {
        MatchText.Check(text, OptionName, place);
        if (text.Length >= 3 && text[0] == '/' && text[^1] == '/')
        {
            string? error = JavaScriptPattern.FirstError(text[1..^1]);
            if (error is not null)
            {
                throw new AmpValidationException(
                    $"{place} is not a valid JavaScript regular expression: {TerminalText.Strip(text)}: {error}. "
                    + "The CLI would skip this rule and all rules after it.",
                    OptionName,
                    "Fix the expression. For plain text, omit the slashes at both ends.",
                    text);
            }
        }

        return text;
    }

    private static object ExactNumber(object value, string place)
    {
        if (value is BigInteger big)
        {
            if (BigInteger.Abs(big) > LargestExactNumber)
            {
                throw Inexact(value, place);
            }

            return (long)big;
        }

        return Math.Abs(Convert.ToDecimal(value, CultureInfo.InvariantCulture)) > LargestExactNumber ? throw Inexact(value, place) : value;
    }

    private static object FiniteNumber(object value, string place) =>
        double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture))
            ? value
            : throw new AmpValidationException(
                string.Create(CultureInfo.InvariantCulture, $"{place} is {value}, which cannot be the input of a tool."),
                OptionName,
                "Give a number that JSON can express.",
                value);

    private static AmpValidationException Inexact(object value, string place) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{place} is {value}, which the CLI would round; numbers above {LargestExactNumber} are not exact."),
        OptionName,
        "Give a smaller number, or a string if the input is a string.",
        value);

    private static AmpValidationException Unusable(object value, string place) => new(
        $"{place} is an object of type {value.GetType()}.",
        OptionName,
        "Give a string, a number, a boolean, null, a list of these, or a dictionary. Write dates and other objects as the string that "
        + "the tool gets.");
}
