using System.Text;
using System.Text.Json;
using Amp.Json;

namespace Amp.Sdk.Tests.Messages;

/// <summary>The reader beside that of .NET, which takes and refuses the same texts and finds the same in them.</summary>
public sealed class JsonReaderTests(ITestOutputHelper output)
{
    private const int Texts = 60_000;

    private static readonly string[] s_seeds =
    [
        """{"type":"assistant","message":{"content":[{"type":"text","text":"a \"b\" \\ \n \u00e9 \ud83d\ude00 ü 日本"},{"type":"tool_use","input":{"n":-12.5e+3,"t":true,"f":false,"z":null,"a":[]}}]},"session_id":"T-1"}""",
        """ [ 0 , -0 , 1 , 10 , 0.1 , 1e5 , 1E-5 , 123456789012345678901234567890 , "" , {} , [ [ ] , { "a" : { } } ] ] """,
        "\"\\u0041\\/\\b\\f\\r\\t and a text that is longer than what is looked at in one step, with no escape in it\"",
        "\t\r\n true \r\n",
        "-1.5",
    ];

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("tru")]
    [InlineData("truex")]
    [InlineData("nul")]
    [InlineData("{}{}")]
    [InlineData("{} x")]
    [InlineData("[1,]")]
    [InlineData("[,1]")]
    [InlineData("{,}")]
    [InlineData("{\"a\"}")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1 \"b\":2}")]
    [InlineData("{a:1}")]
    [InlineData("[1}")]
    [InlineData("{\"a\":[}")]
    [InlineData("]")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("00")]
    [InlineData("-01")]
    [InlineData("1 2")]
    [InlineData("[1 2]")]
    [InlineData("\"")]
    [InlineData("\"\\")]
    [InlineData("\"\\x\"")]
    [InlineData("\"\\u12g4\"")]
    [InlineData("\"\\u123")]
    [InlineData("\u00a0{}")]
    [InlineData("// comment\n{}")]
    [InlineData("\ufeff{}")]
    [InlineData("[1]\0")]
    [InlineData("\0")]
    public void What_is_no_JSON_is_refused_at_the_same_place(string text) => Compare(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void Every_byte_at_every_place_of_a_string_is_taken_or_refused_alike()
    {
        foreach (int length in new[] { 1, 15, 16, 17, 31, 32, 33, 48, 65 })
        {
            byte[] text = [(byte)'"', .. Enumerable.Repeat((byte)'x', length), (byte)'"'];
            for (int place = 1; place <= length; place++)
            {
                for (int value = 0; value <= byte.MaxValue; value++)
                {
                    text[place] = (byte)value;
                    Compare(text);
                }

                text[place] = (byte)'x';
            }
        }
    }

    [Fact]
    public void Rows_of_backslashes_of_any_length_at_any_place_are_read_alike()
    {
        foreach (string behind in new[] { "\"", "n", "t", "u00e9", "u00g9", "x", "", "\",\"next\\n\"" })
        {
            for (int before = 0; before <= 70; before++)
            {
                for (int row = 0; row <= 9; row++)
                {
                    string start = $"[\"{new string('x', before)}{new string('\\', row)}{behind}";
                    Compare(Encoding.UTF8.GetBytes(start));
                    Compare(Encoding.UTF8.GetBytes($"{start}\"]"));
                    Compare(Encoding.UTF8.GetBytes($"{start}{new string('y', 140)}\"]"));
                }
            }
        }
    }

    [Fact]
    public void A_row_of_backslashes_may_go_on_over_many_blocks()
    {
        for (int row = 120; row <= 200; row++)
        {
            Compare(Encoding.UTF8.GetBytes($"[\"{new string('\\', row)}\",\"{new string('\\', row)}n\"]"));
        }
    }

    [Fact]
    public void Objects_and_arrays_are_told_apart_at_any_depth()
    {
        for (int depth = 60; depth <= 70; depth++)
        {
            string open = string.Concat(Enumerable.Range(0, depth).Select(i => i % 3 == 0 ? "[" : "{\"a\":"));
            string close = string.Concat(Enumerable.Range(0, depth).Reverse().Select(i => i % 3 == 0 ? "]" : "}"));
            Compare(Encoding.UTF8.GetBytes($"{open}1{close}"));
            Compare(Encoding.UTF8.GetBytes($"[{open}1{close},{open}2{close}]"));
            Compare(Encoding.UTF8.GetBytes($"{open}1{close.Replace(']', '}')}"));
        }
    }

    [Fact]
    public void A_place_is_found_again()
    {
        JsonReader reader = new("""{"a":{"b":[1,2]},"c":3}"""u8);
        reader.Read();
        reader.Read();
        JsonReader place = reader;
        reader.Skip();
        Assert.Equal(JsonTokenType.EndObject, reader.TokenType);
        reader = place;
        Assert.True(reader.Read());
        Assert.Equal(JsonTokenType.StartObject, reader.TokenType);
        reader.Skip();
        Assert.True(reader.Read());
        Assert.Equal("c", Encoding.UTF8.GetString(reader.ValueSpan));
    }

    [Fact]
    public void Damaged_texts_are_read_alike() => CompareDamaged(20261121);

    [Fact]
    public void Texts_damaged_anew_on_each_run_are_read_alike() => CompareDamaged(Random.Shared.Next());

    private void CompareDamaged(int seed)
    {
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        byte[] usual = Encoding.UTF8.GetBytes("{}[]\",:\\ 0123456789.eE+-truefalsn\t\n/u");
        int valid = 0;
        for (int i = 0; i < Texts; i++)
        {
            List<byte> text = [.. Encoding.UTF8.GetBytes(s_seeds[random.Next(s_seeds.Length)])];
            for (int damage = random.Next(4); damage > 0 && text.Count > 0; damage--)
            {
                int place = random.Next(text.Count);
                byte value = random.Next(4) == 0 ? (byte)random.Next(256) : usual[random.Next(usual.Length)];
                switch (random.Next(4))
                {
                    case 0:
                        text[place] = value;
                        break;
                    case 1:
                        text.Insert(place, value);
                        break;
                    case 2:
                        text.RemoveAt(place);
                        break;
                    default:
                        text.RemoveRange(place, random.Next(text.Count - place));
                        break;
                }
            }

            valid += Compare([.. text]) ? 1 : 0;
        }

        Assert.InRange(valid, Texts / 10, Texts - (Texts / 10));
    }

    private static bool Compare(byte[] text)
    {
        Utf8JsonReader theirs = new(text, new JsonReaderOptions { MaxDepth = JsonReader.MaxDepth });
        JsonReader ours = new(text);
        while (true)
        {
            bool theirNext = false;
            bool ourNext = false;
            long? theirPlace = null;
            long? ourPlace = null;
            try
            {
                theirNext = theirs.Read();
            }
            catch (JsonException exception)
            {
                theirPlace = exception.BytePositionInLine;
            }

            try
            {
                ourNext = ours.Read();
            }
            catch (JsonException exception)
            {
                ourPlace = exception.BytePositionInLine;
            }

            if (theirNext != ourNext || theirPlace != ourPlace)
            {
                Assert.Fail($"{theirNext} {theirPlace} and {ourNext} {ourPlace}: {Encoding.Latin1.GetString(text)}");
            }

            if (!theirNext)
            {
                return theirPlace is null;
            }

            bool hasValue = theirs.TokenType is JsonTokenType.String or JsonTokenType.PropertyName or JsonTokenType.Number;
            if (theirs.TokenType != ours.TokenType
                || (hasValue && (!theirs.ValueSpan.SequenceEqual(ours.ValueSpan) || theirs.ValueIsEscaped != ours.ValueIsEscaped)))
            {
                Assert.Fail($"{theirs.TokenType} and {ours.TokenType}: {Encoding.Latin1.GetString(text)}");
            }
        }
    }
}
