using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Amp.Json;

/// <summary>
/// Reads a JSON text token by token, and accepts and refuses the same texts as <see cref="Utf8JsonReader"/>. That reader examines every
/// byte of a string after its first escape, and the output of an agent consists of strings with escapes.
/// </summary>
/// <remarks>A copy of the reader is a position to return to, until the original leaves its current containers.</remarks>
internal ref struct JsonReader
{
    /// <summary>The maximum nesting depth. A deeper text is refused instead of exhausting the stack.</summary>
    public const int MaxDepth = 512;

    private const int BitsKept = 64;

    private readonly ReadOnlySpan<byte> _json;
    private readonly int _maxDepth;
    private int _position;
    private int _valueStart;
    private int _valueLength;
    private int _depth;

    // One bit per container, the innermost last: set for an object. The array has one each for those deeper than the bits of a word.
    private ulong _objects;
    private bool[]? _deepObjects;

    /// <summary>Gets the options for a document of .NET that is read to the same depth.</summary>
    public static JsonDocumentOptions DocumentOptions => new() { MaxDepth = MaxDepth };

    /// <summary>Starts before the first token.</summary>
    public JsonReader(ReadOnlySpan<byte> json)
        : this(json, MaxDepth)
    {
    }

    /// <summary>Starts before the first token of a text with another limit of its depth.</summary>
    public JsonReader(ReadOnlySpan<byte> json, int maxDepth)
    {
        _json = json;
        _maxDepth = maxDepth;
    }

    /// <summary>The type of the current token; none before the first one.</summary>
    public JsonTokenType TokenType { get; private set; }

    /// <summary>Whether a string or name contains escapes.</summary>
    public bool ValueIsEscaped { get; private set; }

    /// <summary>The bytes of a string or name between its quotes, or of a number.</summary>
    public readonly ReadOnlySpan<byte> ValueSpan => _json.Slice(_valueStart, _valueLength);

    /// <summary>The number of bytes up to the end of the current token; after a name, up to its colon.</summary>
    public readonly int Position => _position;

    /// <summary>Moves to the next token. Returns false after the last one.</summary>
    /// <exception cref="JsonException">The text is invalid JSON after this position.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Read()
    {
        byte next = SkipSpace();
        switch (TokenType)
        {
            case JsonTokenType.None:
            case JsonTokenType.PropertyName:
                ReadValue(next);
                return true;
            case JsonTokenType.StartObject:
                ReadNameOrEnd(next);
                return true;
            case JsonTokenType.StartArray:
                if (next == ']')
                {
                    Leave(JsonTokenType.EndArray);
                }
                else
                {
                    ReadValue(next);
                }

                return true;
        }

        if (_depth == 0)
        {
            if (_position < _json.Length)
            {
                Refuse();
            }

            return false;
        }

        bool isInObject = IsInObject;
        if (next == ',')
        {
            _position++;
            next = SkipSpace();
            if (isInObject)
            {
                ReadName(next);
            }
            else
            {
                ReadValue(next);
            }
        }
        else if (next == (isInObject ? '}' : ']'))
        {
            Leave(isInObject ? JsonTokenType.EndObject : JsonTokenType.EndArray);
        }
        else
        {
            Refuse();
        }

        return true;
    }

    /// <summary>Moves from a name to its value, and from the start of an object or array to its end.</summary>
    /// <exception cref="JsonException">The text is invalid JSON after this position.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Skip()
    {
        if (TokenType == JsonTokenType.PropertyName)
        {
            Read();
        }

        if (TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            int outside = _depth - 1;
            do
            {
                Read();
            }
            while (_depth > outside);
        }
    }

    /// <summary>Gets the current integer. Returns false if the number has a fraction or is too large.</summary>
    public readonly bool TryGetInt64(out long value) =>
        Utf8Parser.TryParse(ValueSpan, out value, out int used) && used == _valueLength;

    private readonly bool IsInObject =>
        _depth <= BitsKept ? (_objects & (1UL << (_depth - 1))) != 0 : _deepObjects![_depth - 1 - BitsKept];

    private void Enter(JsonTokenType start)
    {
        if (_depth == _maxDepth)
        {
            Refuse();
        }

        bool isObject = start == JsonTokenType.StartObject;
        if (_depth >= BitsKept)
        {
            _deepObjects ??= new bool[_maxDepth - BitsKept];
            _deepObjects[_depth - BitsKept] = isObject;
        }
        else
        {
            ulong bit = 1UL << _depth;
            _objects = isObject ? _objects | bit : _objects & ~bit;
        }

        _depth++;
        _position++;
        TokenType = start;
    }

    private void Leave(JsonTokenType end)
    {
        _depth--;
        _position++;
        TokenType = end;
    }

    // The current byte, or 0, which never occurs in JSON. Programs rarely write white space.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte SkipSpace() =>
        (uint)_position < (uint)_json.Length && _json[_position] > ' ' ? _json[_position] : SkipSpaces();

    private byte SkipSpaces()
    {
        ReadOnlySpan<byte> json = _json;
        int i = _position;
        while ((uint)i < (uint)json.Length)
        {
            byte next = json[i];
            if (next > ' ' || next is not ((byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r'))
            {
                _position = i;
                return next;
            }

            i++;
        }

        _position = i;
        return 0;
    }

    private void ReadNameOrEnd(byte next)
    {
        if (next == '}')
        {
            Leave(JsonTokenType.EndObject);
        }
        else
        {
            ReadName(next);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadName(byte next)
    {
        if (next != '"')
        {
            Refuse();
        }

        ReadString();
        TokenType = JsonTokenType.PropertyName;
        if (SkipSpace() != ':')
        {
            Refuse();
        }

        _position++;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadValue(byte next)
    {
        switch (next)
        {
            case (byte)'"':
                ReadString();
                TokenType = JsonTokenType.String;
                break;
            case (byte)'{':
                Enter(JsonTokenType.StartObject);
                break;
            case (byte)'[':
                Enter(JsonTokenType.StartArray);
                break;
            case (byte)'t':
                ReadLiteral("true"u8, JsonTokenType.True);
                break;
            case (byte)'f':
                ReadLiteral("false"u8, JsonTokenType.False);
                break;
            case (byte)'n':
                ReadLiteral("null"u8, JsonTokenType.Null);
                break;
            default:
                ReadNumber();
                break;
        }
    }

    private void ReadLiteral(ReadOnlySpan<byte> literal, JsonTokenType type)
    {
        if (!_json[_position..].StartsWith(literal))
        {
            Refuse();
        }

        TakeValue(_position, literal.Length, type);
    }

    private void TakeValue(int start, int length, JsonTokenType type)
    {
        _valueStart = start;
        _valueLength = length;
        _position = start + length;
        ValueIsEscaped = false;
        TokenType = type;
    }

    private void ReadNumber()
    {
        int i = _position;
        i += At(i) == '-' ? 1 : 0;
        int whole = SkipDigits(i);
        if (whole == i || (At(i) == '0' && whole > i + 1))
        {
            Refuse();
        }

        i = whole;
        if (At(i) == '.')
        {
            int fraction = SkipDigits(i + 1);
            if (fraction == i + 1)
            {
                Refuse();
            }

            i = fraction;
        }

        if (At(i) is (byte)'e' or (byte)'E')
        {
            i += At(i + 1) is (byte)'+' or (byte)'-' ? 2 : 1;
            int exponent = SkipDigits(i);
            if (exponent == i)
            {
                Refuse();
            }

            i = exponent;
        }

        if (i < _json.Length ? _json[i] is not ((byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'/') : _depth > 0)
        {
            Refuse();
        }

        TakeValue(_position, i - _position, JsonTokenType.Number);
    }

    private readonly byte At(int index) => (uint)index < (uint)_json.Length ? _json[index] : (byte)0;

    private readonly int SkipDigits(int index)
    {
        while (At(index) is >= (byte)'0' and <= (byte)'9')
        {
            index++;
        }

        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadString()
    {
        int start = _position + 1;
        int end = JsonString.FindEnd(_json, start, out bool isEscaped);
        if (end < 0)
        {
            Refuse();
        }

        _valueStart = start;
        _valueLength = end - start;
        _position = end + 1;
        ValueIsEscaped = isEscaped;
    }

    // .NET's reader reports the place and the reason in familiar words.
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void Refuse()
    {
        Utf8JsonReader reader = new(_json, new JsonReaderOptions { MaxDepth = _maxDepth });
        while (reader.Read())
        {
        }

        throw new JsonException("The text is not valid JSON.", null, 0, _position);
    }
}
