using System.Globalization;
using System.Text;

namespace Amp.Attack.Settings;

/// <summary>
/// Reads JSON as a reader that forgives: comments, commas too many or too few, no end, any depth. Written apart from the library's, so that what
/// one of them misses the other may see. Of names that come twice the last one counts.
/// </summary>
internal sealed class ForgivingJson
{
    private const int Deepest = 5000;

    private readonly string _text;
    private int _at;

    private ForgivingJson(string text) => _text = text;

    public static object? Read(byte[] bytes) => new ForgivingJson(Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF')).Value(0);

    private object? Value(int depth)
    {
        Skip(" \t\r\n,:");
        if (_at >= _text.Length || depth > Deepest)
        {
            _at = depth > Deepest ? _text.Length : _at;
            return null;
        }

        return _text[_at] switch
        {
            '{' => Object(depth),
            '[' => List(depth),
            '"' => Text(),
            _ => Word(),
        };
    }

    private Dictionary<string, object?> Object(int depth)
    {
        Dictionary<string, object?> result = new(StringComparer.Ordinal);
        _at++;
        while (true)
        {
            Skip(" \t\r\n,:");
            if (_at >= _text.Length || _text[_at] == '}')
            {
                _at++;
                return result;
            }

            if (_text[_at] != '"')
            {
                _at++;
                continue;
            }

            string name = Text();
            result[name] = Value(depth + 1);
        }
    }

    private List<object?> List(int depth)
    {
        List<object?> result = [];
        _at++;
        while (true)
        {
            Skip(" \t\r\n,");
            if (_at >= _text.Length || _text[_at] == ']')
            {
                _at++;
                return result;
            }

            int before = _at;
            result.Add(Value(depth + 1));
            _at += _at == before ? 1 : 0;
        }
    }

    private string Text()
    {
        StringBuilder result = new();
        for (_at++; _at < _text.Length && _text[_at] != '"'; _at++)
        {
            if (_text[_at] != '\\' || _at + 1 >= _text.Length)
            {
                result.Append(_text[_at]);
                continue;
            }

            char escape = _text[++_at];
            if (escape == 'u' && _at + 4 < _text.Length && ushort.TryParse(_text.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
            {
                result.Append((char)code);
                _at += 4;
                continue;
            }

            result.Append(escape switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => escape });
        }

        _at++;
        return result.ToString();
    }

    private object? Word()
    {
        int start = _at;
        while (_at < _text.Length && !" \t\r\n,:{}[]\"/".Contains(_text[_at], StringComparison.Ordinal))
        {
            _at++;
        }

        string word = _text[start.._at];
        return word switch
        {
            "true" => true,
            "false" => false,
            _ when double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
            _ => null,
        };
    }

    private void Skip(string blanks)
    {
        while (_at < _text.Length)
        {
            if (blanks.Contains(_text[_at], StringComparison.Ordinal))
            {
                _at++;
            }
            else if (_text.AsSpan(_at).StartsWith("//"))
            {
                int end = _text.AsSpan(_at).IndexOfAny('\n', '\r');
                _at = end < 0 ? _text.Length : _at + end;
            }
            else if (_text.AsSpan(_at).StartsWith("/*"))
            {
                int end = _text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                _at = end < 0 ? _text.Length : end + 2;
            }
            else
            {
                return;
            }
        }
    }
}
