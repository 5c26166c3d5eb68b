using System.Globalization;
using Amp.Records;
using Amp.Testing;

namespace Amp.Sdk.Tests.Records;

/// <summary>What runs used is added up by the right groups, and no run is left out.</summary>
public sealed class UsageCounterTests : IDisposable
{
    private readonly PrivateHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task A_run_over_midnight_is_counted_on_both_local_days()
    {
        DateTime midnight = new(2026, 11, 30, 0, 0, 0, DateTimeKind.Local);
        string start = midnight.AddMinutes(-1).ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        IReadOnlyList<UsageTotal> totals = await MeasureAsync(
            [UsageProperty.Day],
            $$"""{"amp_transcript":1,"run":"a","time":"{{start}}"}""",
            $$"""{"run":"a","ms":1,"line":{{Said("m1", 1)}}}""",
            $$"""{"run":"a","ms":120000,"line":{{Said("m2", 2)}}}""",
            $$"""{"run":"a","ms":120001,"line":{{Result(",\"duration_ms\":500,\"total_cost_usd\":0.25")}}}""",
            """{"run":"a","ms":120002,"end":{"outcome":"Succeeded"}}""");

        Assert.Equal([midnight.AddDays(-1), midnight], totals.Select(total => total.Day!.Value));
        Assert.Equal([(1, 1L), (1, 2L)], totals.Select(total => (total.Runs, total.OutputTokens)));
        Assert.Equal([500.0, 0.0], totals.Select(total => total.Duration.TotalMilliseconds));
        Assert.Equal((decimal?[])[null, 0.25m], totals.Select(total => total.Cost));
    }

    [Fact]
    public async Task Costs_of_runs_are_added_and_a_run_without_one_changes_nothing()
    {
        string[] lines = [Result(",\"total_cost_usd\":0.25"), Result(",\"total_cost_usd\":2"), Result(string.Empty)];
        UsageTotal total = Assert.Single(await MeasureAsync([], lines));
        Assert.Equal((3, 2.25m), (total.Runs, total.Cost));
        Assert.Null(Assert.Single(await MeasureAsync([], lines[2])).Cost);
    }

    [Fact]
    public async Task A_run_that_ended_before_its_first_answer_is_counted()
    {
        const string Init = """{"type":"system","subtype":"init","session_id":"T-1"}""";
        string[] lines =
        [
            Start("a"), $$"""{"run":"a","ms":1,"line":{{Init}}}""",
            Start("b"), $$"""{"run":"b","ms":1,"line":{{Asked("b")}}}""", """{"run":"b","ms":2,"end":{"outcome":"Failed","error_id":"Timeout"}}""",
            Start("c"), $$"""{"run":"c","ms":1,"line":{{Init}}}""", $$"""{"run":"c","ms":2,"line":{{Said("m1", 7)}}}""", $$"""{"run":"c","ms":3,"line":{{Result(string.Empty)}}}""",

            // What arrives after the result is not another run.
            """{"run":"c","ms":4,"line":{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":"late"}]},"session_id":"T-1"}}""",
            """{"run":"c","ms":5,"line":{"type":"later","session_id":"T-1"}}""", """{"run":"c","ms":6,"end":{"outcome":"Succeeded"}}""",
        ];

        Assert.Equal((3, 7L), (await MeasureAsync([], lines)).Select(total => (total.Runs, total.OutputTokens)).Single());
        IReadOnlyList<UsageTotal> totals = await MeasureAsync([UsageProperty.Prompt, UsageProperty.Day], lines);
        Assert.Equal(["prompt of a", "prompt of b", "prompt of c"], totals.Select(total => total.Prompt).Order(StringComparer.Ordinal));
        Assert.All(totals, total => Assert.NotNull(total.Day));
    }

    [Fact]
    public async Task The_prompt_is_the_first_message_if_the_record_does_not_contain_it()
    {
        IReadOnlyList<UsageTotal> totals = await MeasureAsync(
            [UsageProperty.Prompt],
            """{"type":"system","subtype":"init","session_id":"T-1"}""",
            Asked("one"),
            Said("m1", 1),
            """{"type":"user","message":{"role":"user","content":[{"type":"text","text":"to the subagent"}]},"parent_tool_use_id":"x","session_id":"T-1"}""",
            Asked("one, later"),
            Result(string.Empty),
            Asked("two"),
            Result(string.Empty));

        Assert.Equal(["one", "two"], totals.Select(total => total.Prompt));
    }

    private static string Start(string run) => $$"""{"amp_transcript":1,"run":"{{run}}","time":"2026-11-30T01:00:00.000Z","prompt":"prompt of {{run}}"}""";

    private static string Asked(string text) =>
        $$$"""{"type":"user","message":{"role":"user","content":[{"type":"text","text":"{{{text}}}"}]},"parent_tool_use_id":null,"session_id":"T-1"}""";

    private static string Said(string id, int tokens) =>
        $$$"""{"type":"assistant","message":{"id":"{{{id}}}","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":0,"output_tokens":{{{tokens}}}}},"session_id":"T-1"}""";

    private static string Result(string fields) => $$"""{"type":"result","subtype":"success","is_error":false,"result":"x","session_id":"T-1"{{fields}}}""";

    private async Task<IReadOnlyList<UsageTotal>> MeasureAsync(UsageProperty[] properties, params string[] lines)
    {
        string path = Path.Combine(_home.Root, "runs.ndjson");
        await File.WriteAllLinesAsync(path, lines, TestContext.Current.CancellationToken);
        UsageCounter usage = new(properties);
        (await Recorded.ReadAsync(path)).Messages().ForEach(message => usage.Add(message, UsageOrigin.Unknown));
        return usage.Complete();
    }
}
