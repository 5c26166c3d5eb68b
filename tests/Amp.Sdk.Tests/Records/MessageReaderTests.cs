using System.Text;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Records;

/// <summary>Lines and streams that users have are read as a run reads them.</summary>
public sealed class MessageReaderTests
{
    public static TheoryData<string> Files => RoundTripTests.Files;

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_stream_gives_the_objects_of_its_file(string file)
    {
        string path = Path.Combine(RepositoryLayout.Transcripts, file);
        byte[] bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        List<StreamMessage> whole = await ReadAsync(new MemoryStream(bytes));
        List<StreamMessage> piecewise = await ReadAsync(new PiecewiseStream(bytes, 7));

        List<StreamMessage> expected = (await Recorded.ReadAsync(path)).Messages();
        Assert.Equal(expected.Select(ObjectText.Of), whole.Select(ObjectText.Of));
        Assert.Equal(expected, piecewise);
        Assert.Equal(expected, Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(MessageReader.Parse));
    }

    [Fact]
    public async Task Text_between_messages_is_passed_over_and_an_unknown_type_is_a_message()
    {
        List<StreamMessage> messages = await ReadAsync(Text("starting\n{\"type\":\"later\",\"x\":1}\n\n{\"type\":\"user\"}"));

        Assert.IsType<UnknownMessage>(messages[0]);
        Assert.IsType<UserMessage>(messages[1]);
    }

    [Fact]
    public async Task A_broken_line_is_told_after_the_lines_around_it()
    {
        List<StreamMessage> messages = [];
        AmpJsonException broken = await Assert.ThrowsAsync<AmpJsonException>(() => ReadAsync(Text("{\"type\":\"user\"}\n{\"type\":\n{\"type\":\"later\"}\n"), messages));

        Assert.Equal(["user", "later"], messages.Select(message => message.Type));
        Assert.Equal("{\"type\":", broken.RawLine);
        Assert.Contains("Line 2", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_not_one_line_of_JSON_is_refused()
    {
        Assert.All((string[])["", "no JSON", "{\"type\":", "[1]", "{\"type\":\"user\"}\n{\"type\":\"user\"}", "{} {}"], text =>
        {
            AmpJsonException refused = Assert.Throws<AmpJsonException>(() => MessageReader.Parse(text));
            Assert.Equal(AmpErrorId.InvalidStreamJson, refused.ErrorId);
        });
        Assert.Equal("user", MessageReader.Parse("\uFEFF{\"type\":\"user\"}\r\n").Type);
    }

    [Fact]
    public async Task Reading_can_be_canceled()
    {
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();
        await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            await foreach (StreamMessage message in MessageReader.ReadAsync(Text("{\"type\":\"user\"}"), stop.Token))
            {
                Assert.Fail(message.RawJson);
            }
        });
    }

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private static async Task<List<StreamMessage>> ReadAsync(Stream stream, List<StreamMessage>? messages = null)
    {
        messages ??= [];
        await foreach (StreamMessage message in MessageReader.ReadAsync(stream, TestContext.Current.CancellationToken))
        {
            messages.Add(message);
        }

        return messages;
    }
}
