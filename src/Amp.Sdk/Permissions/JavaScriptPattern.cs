using System.Text.RegularExpressions;

namespace Amp.Permissions;

/// <summary>
/// Parses a regular expression as JavaScript does (without the flag <c>u</c>, as the CLI compiles it) and reports its errors. .NET's own
/// class accepts much that JavaScript does not, and vice versa.
/// </summary>
/// <remarks>
/// Escaped letters without a meaning in JavaScript are refused too: <c>\A</c>, elsewhere the beginning of the text, means the letter A
/// there, so the rule would never match.
/// </remarks>
internal sealed partial class JavaScriptPattern
{
    private readonly string _text;

    // For each open group, whether it can be repeated after its end: a lookbehind cannot.
    private readonly Stack<bool> _groups = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _references = [];
    private int _next;
    private bool _repeatable;

    private JavaScriptPattern(string text) => _text = text;

    /// <summary>Gets the first error of an expression, in words; null if there is none.</summary>
    public static string? FirstError(string text) => new JavaScriptPattern(text).Read();

    private string? Read()
    {
        while (_next < _text.Length)
        {
            if (Element() is string error)
            {
                return error;
            }
        }

        if (_groups.Count > 0)
        {
            return "a '(' is not closed";
        }

        string? unknown = _references.Find(name => !_names.Contains(name));
        return unknown is null ? null : $"there is no group '{unknown}'";
    }

    private string? Element()
    {
        char c = _text[_next];
        switch (c)
        {
            case '(':
                return Group();
            case ')':
                _next++;
                return _groups.TryPop(out _repeatable) ? null : "a ')' closes nothing";
            case '|' or '^' or '$':
                _next++;
                _repeatable = false;
                return null;
            case '*' or '+' or '?':
                _next++;
                return Repeat(c.ToString());
            case '{' when Count().Match(_text, _next) is { Success: true } count:
                _next += count.Length;
                return count.Groups["most"].Length > 0 && IsGreater(count.Groups["least"].Value, count.Groups["most"].Value)
                    ? $"the numbers in '{count.Value}' are in the wrong order"
                    : Repeat(count.Value);
            case '[':
                return Class();
            case '\\':
                return Escape();
            default:
                _next++;
                _repeatable = true;
                return null;
        }
    }

    private string? Repeat(string quantifier)
    {
        if (!_repeatable)
        {
            return $"there is nothing for '{quantifier}' to repeat";
        }

        if (_next < _text.Length && _text[_next] == '?')
        {
            _next++;
        }

        _repeatable = false;
        return null;
    }

    private string? Group()
    {
        Match match = GroupStart().Match(_text, _next);
        if (!match.Success)
        {
            return "not every JavaScript version that runs a CLI supports the syntax after '(?'; "
                + "to ignore case, write both letters: [aA]";
        }

        string name = match.Groups["name"].Value;
        if (name.Length > 0 && !_names.Add(name))
        {
            return $"there are two groups '{name}'";
        }

        _next += match.Length;
        _groups.Push(!match.Value.StartsWith("(?<", StringComparison.Ordinal) || name.Length > 0);
        _repeatable = false;
        return null;
    }

    private string? Escape()
    {
        _repeatable = true;
        if (_next + 1 >= _text.Length)
        {
            return "it ends with a backslash that escapes nothing";
        }

        char kind = _text[_next + 1];
        if (kind is 'b' or 'B')
        {
            _next += 2;
            _repeatable = false;
            return null;
        }

        if (kind == 'k' && GroupReference().Match(_text, _next) is { Success: true } reference)
        {
            _references.Add(reference.Groups["name"].Value);
            _next += reference.Length;
            return null;
        }

        return Character(inClass: false, out _);
    }

    private string? Class()
    {
        _next++;
        if (_next < _text.Length && _text[_next] == '^')
        {
            _next++;
        }

        int? left = null;
        bool range = false;
        while (_next < _text.Length)
        {
            if (_text[_next] == ']')
            {
                _next++;
                _repeatable = true;
                return null;
            }

            if (_text[_next] == '-' && left is not null && !range && _next + 1 < _text.Length && _text[_next + 1] != ']')
            {
                _next++;
                range = true;
                continue;
            }

            if (Character(inClass: true, out int? code) is string error)
            {
                return error;
            }

            if (range && left > code)
            {
                return $"a range in '[...]' is in the wrong order, at position {_next}";
            }

            left = range ? null : code;
            range = false;
        }

        return "a '[' is not closed";
    }

    // A character or an escape; its code if it represents a single character.
    private string? Character(bool inClass, out int? code)
    {
        code = _text[_next];
        if (code != '\\')
        {
            _next++;
            return null;
        }

        Match match = KnownEscape().Match(_text, _next);
        if (!match.Success || (inClass && match.Value == "\\B"))
        {
            return _next + 1 < _text.Length
                ? $"JavaScript does not support '\\{_text[_next + 1]}' and would read it as the letter"
                : "it ends with a backslash that escapes nothing";
        }

        _next += match.Length;
        code = CodeOf(match);
        return null;
    }

    private static int? CodeOf(Match escape)
    {
        string digits = escape.Groups["hex"].Value;
        if (digits.Length > 0)
        {
            return Convert.ToInt32(digits, 16);
        }

        digits = escape.Groups["octal"].Value;
        if (digits.Length > 0)
        {
            return Convert.ToInt32(digits, 8);
        }

        char kind = escape.Value[1];
        return kind switch
        {
            'b' => '\b',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            'f' => '\f',
            'c' => escape.Value[2] % 32,
            'd' or 'D' or 'w' or 'W' or 's' or 'S' => null,
            _ => kind,
        };
    }

    private static bool IsGreater(string left, string right)
    {
        left = left.TrimStart('0');
        right = right.TrimStart('0');
        return left.Length != right.Length ? left.Length > right.Length : string.CompareOrdinal(left, right) > 0;
    }

    [GeneratedRegex(@"\G\{(?<least>[0-9]+)(?:,(?<most>[0-9]*))?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Count();

    [GeneratedRegex(@"\G\((?!\?)|\G\(\?(?:[:=!]|<[=!]|<(?<name>[A-Za-z_$][A-Za-z0-9_$]*)>)", RegexOptions.CultureInvariant)]
    private static partial Regex GroupStart();

    [GeneratedRegex(@"\G\\k<(?<name>[^>]+)>", RegexOptions.CultureInvariant)]
    private static partial Regex GroupReference();

    [GeneratedRegex(
        @"\G\\(?:x(?<hex>[0-9A-Fa-f]{2})|u(?<hex>[0-9A-Fa-f]{4})|(?<octal>[0-3][0-7]{0,2}|[4-7][0-7]?)"
        + @"|c[A-Za-z]|[dDwWsSbBnrtvf]|[^A-Za-z0-7])",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex KnownEscape();
}
