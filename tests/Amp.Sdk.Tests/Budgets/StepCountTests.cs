using System.Text;
using Amp.Messages;
using Amp.Permissions;

namespace Amp.Sdk.Tests.Budgets;

/// <summary>What is read of messages in passing, for every run, also one without limits.</summary>
public sealed class StepCountTests
{
    [Theory]
    [InlineData(""" "usage":{"input_tokens":10,"output_tokens":20,"cache_creation_input_tokens":3,"cache_read_input_tokens":4}""", 37, true)]
    [InlineData(""" "usage":{"input_tokens":10}""", 10, false)]
    [InlineData(""" "usage":{"input_tokens":10,"output_tokens":-20}""", 10, false)]
    [InlineData(""" "usage":{"input_tokens":"many","output_tokens":20}""", 20, false)]
    [InlineData(""" "usage":null""", 0, false)]
    public void Tokens_are_told_where_both_main_counts_can_be_read(string usage, long tokens, bool isTold)
    {
        RunTally tally = new(RejectMessages.None);
        new MessageParser(tally).Parse(Encoding.UTF8.GetBytes($$$"""{"type":"assistant","message":{"role":"assistant","content":[],{{{usage}}}},"session_id":"T-1"}"""));
        Assert.Equal(new StepCount(tokens, isTold, 0, IsTurn: true), tally.Step with { Usage = default });
    }

    [Fact]
    public void To_know_the_parts_of_an_answer_costs_no_memory()
    {
        // The same text under a name that nobody reads.
        Assert.Equal(Allocated("ix"), Allocated("id"));
    }

    private static long Allocated(string name)
    {
        MessageParser parser = new();
        byte[][] lines =
        [
            .. Enumerable.Range(1000, 200).Select(number => Encoding.UTF8.GetBytes(
                $$$"""{"type":"assistant","message":{"{{{name}}}":"msg_{{{number}}}","role":"assistant","content":[],"usage":{"input_tokens":1,"output_tokens":1}},"session_id":"T-1"}""")),
        ];
        parser.Parse(lines[0]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (byte[] line in lines)
        {
            parser.Parse(line);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
