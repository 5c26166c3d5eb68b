namespace Amp.Sdk.Tests.Support;

/// <summary>What tests of sessions do over and over.</summary>
internal static class SessionReading
{
    public static async Task<List<StreamMessage>> AllAsync(this AmpSession session, string text)
    {
        List<StreamMessage> messages = [];
        await foreach (StreamMessage message in session.SendAsync(text, TestContext.Current.CancellationToken))
        {
            messages.Add(message);
        }

        return messages;
    }

    /// <summary>The answer of one turn.</summary>
    public static async Task<string> AnswerAsync(this AmpSession session, string text) =>
        Assert.IsType<AssistantMessage>((await session.AllAsync(text).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken))[^1]).Text;

    /// <summary>What has been kept of turns that nobody waited for.</summary>
    public static async Task<List<AmpEvent>> ReceivedAsync(this AmpSession session, bool waitForEnd)
    {
        List<AmpEvent> events = [];
        await foreach (AmpEvent item in session.ReceiveAsync(waitForEnd, TestContext.Current.CancellationToken))
        {
            events.Add(item);
        }

        return events;
    }

    /// <summary>Waits for the start of the process of the turn that is under way.</summary>
    public static async Task<int> ProcessIdAsync(this AmpSession session)
    {
        await FakeRun.WaitForAsync(() => session.ProcessId is not null, "the process");
        return session.ProcessId!.Value;
    }
}
