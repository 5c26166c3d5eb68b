using Amp.Clients.Threads;

namespace Amp.Sdk.Tests.Threads;

public sealed class JsonTests
{
    private const string Id = "T-01a1fcb9-2d12-7646-9b6b-4bcb86cf66f3";

    [Fact]
    public void A_list_of_September_is_read()
    {
        // As 0.0.1790142911-g7618fb prints it.
        AmpThread thread = Assert.Single(Read($$"""
            [{"id":"{{Id}}","title":"Tidy  up","updated":"2026-09-20T10:11:12.345Z","tree":"file:///srv/site","messageCount":3}]
            """));

        Assert.Equal(
            new AmpThread
            {
                Id = Id,
                Title = "Tidy  up",
                Updated = new DateTimeOffset(2026, 9, 20, 10, 11, 12, 345, TimeSpan.Zero),
                MessageCount = 3,
                Folder = "file:///srv/site",
            },
            thread);
    }

    [Fact]
    public void What_March_finds_is_read()
    {
        AmpThread thread = Assert.Single(Read($$"""[{"id":"{{Id}}","title":null,"updatedAt":"2026-03-24T00:00:00.000Z","messageCount":1}]"""));

        Assert.Null(thread.Title);
        Assert.False(thread.IsUpdatedEstimated);
        Assert.Equal(new DateTimeOffset(2026, 3, 24, 0, 0, 0, TimeSpan.Zero), thread.Updated);
    }

    [Theory]
    [InlineData("No threads found.")]
    [InlineData("{}")]
    [InlineData("""[{"title":"no ID"}]""")]
    [InlineData("""[{"id":"T-1"}]""")]
    [InlineData("""[{"id":"T-01a1fcb9-2d12-7646-9b6b-4bcb86cf66f3","updated":"soon"}]""")]
    [InlineData("""["T-01a1fcb9-2d12-7646-9b6b-4bcb86cf66f3"]""")]
    [InlineData("""[{"id":"T-01a1fcb9-2d12-7646-9b6b-4bcb86cf66f3"}""")]
    public void What_does_not_fit_is_an_error(string text) => Assert.Throws<FormatException>(() => Read(text));

    [Fact]
    public void The_messages_of_an_export_are_those_that_the_user_wrote()
    {
        AmpThread thread = ThreadJson.ReadExport(
            $$"""
            {"id":"{{Id}}","title":"x","messages":[
              {"role":"user","content":[{"type":"text","text":"one"}]},
              {"role":"assistant","content":[]},
              {"role":"user","content":[{"type":"tool_result"}]},
              {"role":"user","content":[{"type":"text","text":"two"}]}]}
            """,
            Error);

        Assert.Equal((Id, "x", 2), (thread.Id, thread.Title, thread.MessageCount));
    }

    [Fact]
    public void An_export_can_be_as_deep_as_the_lines_of_a_run()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100);
        AmpThread thread = ThreadJson.ReadExport(
            $$"""{"id":"{{Id}}","messages":[{"role":"assistant","content":[{"type":"tool_use","input":{{deep}}}]}]}""", Error);

        Assert.Equal((Id, 0), (thread.Id, thread.MessageCount));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_read_as_it_is()
    {
        string fields = $$"""{"\udc00\udc00\udc00\udc00":1,"id":"{{Id}}","title":"\ud83d x","tree":"\ud83d","messages":[{"\udc00\udc00":2,"role":"user","content":[{"type":"\ud83d"},{"type":"text","text":"\ud83d"}]}]}""";
        string title = (char)0xd83d + " x";

        AmpThread listed = Assert.Single(Read($"[{fields}]"));
        Assert.Equal((Id, title), (listed.Id, listed.Title));
        AmpThread exported = ThreadJson.ReadExport(fields, Error);
        Assert.Equal((Id, title, 1), (exported.Id, exported.Title, exported.MessageCount));
        ThreadJson.Check(fields, Error);
        Assert.Equal(title, ThreadJson.TitleOf(fields));
    }

    [Theory]
    [InlineData("$0.01\n", "0.01", null, null)]
    [InlineData("$1,234.5678\n", "1234.5678", null, null)]
    [InlineData("$2 (free)\n", "2", "2", "0")]
    [InlineData("$0.25 (free) + $0.50\n", "0.75", "0.25", "0.50")]
    [InlineData("$99999999999999999999999999999999\n", null, null, null)]
    [InlineData("$0.25 (free) + $99999999999999999999999999999999\n", null, "0.25", null)]
    [InlineData("$79228162514264337593543950335 (free) + $1\n", null, "79228162514264337593543950335", "1")]
    [InlineData("No usage recorded for this thread yet.\n", "0", null, null)]
    [InlineData("Usage information is currently unavailable for this thread.\n", null, null, null)]
    public void A_cost_is_read(string text, string? cost, string? free, string? paid)
    {
        ThreadCost usage = ThreadCostText.Read(Id, text + "Details: https://ampcode.com/usage/1\n", isInWordsOfService: false)!;

        Assert.Equal((Dollars(cost), Dollars(free), Dollars(paid)), (usage.Cost, usage.FreeCost, usage.PaidCost));
        Assert.Equal("https://ampcode.com/usage/1", usage.DetailsUrl);
        Assert.Equal(Id, usage.ThreadId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("€0.01")]
    [InlineData("$0.01 and more")]
    [InlineData("Title  Last Updated")]
    public void What_is_no_cost_is_none(string text) => Assert.Null(ThreadCostText.Read(Id, text, isInWordsOfService: false));

    [Fact]
    public void A_cost_in_the_words_of_the_service_is_looked_for()
    {
        Assert.Equal(1.5m, ThreadCostText.Read(Id, "**Usage**\nTotal so far: $1.50\nLimit $5 of $10", isInWordsOfService: true)!.Cost);
        Assert.Equal(2m, ThreadCostText.Read(Id, "So far: $99999999999999999999999999999999\nToday: $2", isInWordsOfService: true)!.Cost);
        Assert.Null(ThreadCostText.Read(Id, "Nothing is billed.", isInWordsOfService: true)!.Cost);
    }

    private static IReadOnlyList<AmpThread> Read(string text) => ThreadJson.Read(text, Error).Threads;

    private static FormatException Error(string what, string text) => new($"It {what}: {text}");

    private static decimal? Dollars(string? text) =>
        text is null ? null : decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
