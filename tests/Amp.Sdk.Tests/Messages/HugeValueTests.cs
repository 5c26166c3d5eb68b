using System.Collections.Specialized;
using System.Text;
using Amp.Json;
using Amp.Messages;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Messages;

/// <summary>Lines whose numbers or fields are more than anybody counts on.</summary>
public sealed class HugeValueTests
{
    private const int Many = 300_000;

    // What takes the square of its length would take many minutes.
    private static readonly TimeSpan s_hangGuard = TimeSpan.FromMinutes(2);

    [Fact]
    public void A_sum_of_tokens_beyond_all_numbers_is_the_largest_there_is()
    {
        MessageParser parser = new();
        foreach (long tokens in (long[])[long.MaxValue, 5, long.MaxValue, long.MinValue])
        {
            parser.Parse(Encoding.UTF8.GetBytes(
                $$$$"""{"type":"assistant","message":{"content":[],"usage":{"input_tokens":{{{{tokens}}}},"output_tokens":3}}}"""));
        }

        ResultMessage result = Assert.IsType<ResultMessage>(parser.Parse("""{"type":"result","result":"done"}"""u8));
        Assert.Equal((long.MaxValue, 12L), (result.Usage!.InputTokens, result.Usage.OutputTokens));
    }

    [Fact]
    public void Token_counts_below_nothing_take_nothing_away() => Assert.Equal(
        new StepUsage(7, 7, long.MaxValue, 0), new StepUsage(7, 7, long.MaxValue, 0).Plus(new StepUsage(-3, long.MinValue, 1, -1)));

    [Theory]
    [InlineData("a{0}", "a{0}")]
    [InlineData("a{0}", "A{0}")]
    [InlineData("a", "A{0}")]
    [InlineData("a{0}", "a1")]
    public async Task An_object_with_many_names_that_collide_is_read_in_time(string first, string second)
    {
        StringBuilder json = new("{");
        foreach (string name in (string[])[first, second])
        {
            for (int i = 0; i < Many; i++)
            {
                json.Append('"').AppendFormat(null, name, i).Append("\":").Append(i).Append(',');
            }
        }

        json.Append("\"a0\":-1}");
        OrderedDictionary read = Assert.IsType<OrderedDictionary>(await Task.Run(() => JsonValue.ParseOrNull(json.ToString()))
            .WaitAsync(s_hangGuard, TestContext.Current.CancellationToken));
        UnknownMessage message = await Task.Run(() => Parsed.Line<UnknownMessage>(json.ToString()))
            .WaitAsync(s_hangGuard, TestContext.Current.CancellationToken);
        OrderedDictionary fields = await Task.Run(() => message.AdditionalProperties)
            .WaitAsync(s_hangGuard, TestContext.Current.CancellationToken);

        string[] expected =
        [
            .. Enumerable.Range(0, Many).Select(i => string.Format(null, first, i))
                .Concat(Enumerable.Range(0, Many).Select(i => string.Format(null, second, i)))
                .Append("a0").Distinct(StringComparer.Ordinal),
        ];
        Assert.Equal(expected, read.Keys.Cast<string>());
        Assert.Equal(expected, fields.Keys.Cast<string>());
        Assert.Equal((-1L, -1L), (read["a0"], fields["a0"]));
    }

    [Fact]
    public void Names_that_differ_only_in_case_are_all_kept_in_their_order()
    {
        OrderedDictionary read = (OrderedDictionary)JsonValue.ParseOrNull("""{"b":1,"a":2,"B":3,"a":4,"A":5,"c":6,"b":7}""")!;
        Assert.Equal(["b", "a", "B", "A", "c"], read.Keys.Cast<string>());
        Assert.Equal([7L, 4L, 3L, 5L, 6L], read.Values.Cast<long>());
        Assert.Null(read["C"]);
    }

    [Fact]
    public void Of_a_name_that_comes_twice_the_last_value_counts_and_case_is_still_passed_over()
    {
        OrderedDictionary read = (OrderedDictionary)JsonValue.ParseOrNull("""{"b":1,"a":2,"b":3,"c":4,"c":5}""")!;
        Assert.Equal(["b", "a", "c"], read.Keys.Cast<string>());
        Assert.Equal((3L, 2L, 5L), (read["B"], read["A"], read["C"]));
    }
}
