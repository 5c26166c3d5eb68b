using System.Text;
using Amp.Messages;
using Amp.Testing;

namespace Amp.Sdk.Tests.Messages;

public sealed class AllocationTests
{
    private const int Lines = 100;

    [Theory]
    [InlineData(10)]
    [InlineData(50_000)]
    public void A_line_costs_its_own_bytes_and_one_small_object(int textLength)
    {
        byte[] line = Encoding.UTF8.GetBytes(FakeMessages.Assistant(new string('x', textLength), "T-01a1fbd7-0c6f-734a-b675-4e105a21993a"));
        MessageParser parser = new();
        StreamMessage[] messages = new StreamMessage[Lines];
        messages[0] = parser.Parse(line);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Lines; i++)
        {
            messages[i] = parser.Parse(line);
        }

        long perLine = (GC.GetAllocatedBytesForCurrentThread() - before) / Lines;
        Assert.InRange(perLine, line.Length, line.Length + 200);
        Assert.Same(messages[0].SessionId, messages[^1].SessionId);
    }
}
