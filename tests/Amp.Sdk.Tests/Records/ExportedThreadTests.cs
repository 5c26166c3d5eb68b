using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Records;

/// <summary>Threads as the CLI exports them, and files that are neither.</summary>
public sealed class ExportedThreadTests
{
    private const string Thread = """
        {
          "v": 35, "id": "T-01a22a1a-0ab8-7058-a7b5-b08884bd1bbc", "created": 1796002679545,
          "messages": [
            {"role": "user", "messageId": 0, "content": [{"type": "text", "text": "make it"}], "meta": {"sentAt": 1796002679602}},
            {"role": "assistant", "messageId": 1,
             "content": [{"type": "text", "text": "Calling"}, {"type": "tool_use", "complete": true, "id": "toolu_1_1", "name": "create_file", "input": {"path": "/x/made.txt", "content": "x"}}],
             "state": {"type": "complete", "stopReason": "tool_use"},
             "usage": {"model": "claude-opus-4-6", "maxInputTokens": 300000, "inputTokens": 10, "outputTokens": 20, "cacheCreationInputTokens": 1, "cacheReadInputTokens": 2, "totalInputTokens": 13, "timestamp": "2026-11-30T01:37:59.908Z"}},
            {"role": "user", "messageId": 2, "content": [{"type": "tool_result", "toolUseID": "toolu_1_1", "run": {"status": "done", "result": {"output": "made"}}}]},
            {"role": "user", "messageId": 3, "content": [{"type": "tool_result", "toolUseID": "toolu_1_2", "run": {"status": "error", "error": {"message": "no such tool"}}}]},
            {"role": "assistant", "messageId": 4, "content": [{"type": "text", "text": "Done."}], "state": {"type": "complete", "stopReason": "end_turn"}, "usage": {"model": "claude-opus-4-6", "inputTokens": 5, "outputTokens": 6}}
          ],
          "title": "A thread"
        }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thread_becomes_the_messages_of_a_run(bool isOnOneLine)
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "thread.json");
        await File.WriteAllTextAsync(path, isOnOneLine ? Thread.ReplaceLineEndings("") : Thread, TestContext.Current.CancellationToken);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);

        Assert.Equal("Started user assistant user user assistant", entries.Kinds());
        Assert.Equal(("T-01a22a1a-0ab8-7058-a7b5-b08884bd1bbc", "A thread"), (entries[0].Run.Id, entries[0].Run.Title));
        List<StreamMessage> messages = entries.Messages();
        Assert.All(messages, message => Assert.Equal(entries[0].Run.Id, message.SessionId));
        AssistantMessage said = Assert.IsType<AssistantMessage>(messages[1]);
        Assert.Equal(("claude-opus-4-6", "tool_use", 10L, 20L, 1L, 2L), (said.Model, said.StopReason, said.Usage!.InputTokens, said.Usage.OutputTokens, said.Usage.CacheCreationInputTokens, said.Usage.CacheReadInputTokens));
        Assert.Equal(("create_file", "toolu_1_1", ToolKind.Write), (said.ToolUse[0].Name, said.ToolUse[0].Id, said.ToolUse[0].Kind));
        Assert.Equal(new DateTimeOffset(2026, 11, 30, 1, 37, 59, 908, TimeSpan.Zero), said.Time);
        Assert.Equal(("toolu_1_1", false), (messages[2].ToolResult[0].ToolUseId, messages[2].ToolResult[0].IsError));
        Assert.Equal("made", messages[2].ToolResult[0].Text);
        Assert.Equal(("no such tool", true), (messages[3].ToolResult[0].Text, messages[3].ToolResult[0].IsError));
        Assert.True(Assert.IsType<AssistantMessage>(messages[4]).EndsTurn);
    }

    [Fact]
    public async Task Broken_lines_are_named_and_the_others_are_read()
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "capture.jsonl");
        string[] lines = Transcripts.Lines("text");
        await File.WriteAllTextAsync(path, $"{lines[0]}\nno JSON\n{{\"type\":\n\n{lines[1]}\n{lines[3]}\n{lines[2][..50]}", TestContext.Current.CancellationToken);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);

        Assert.Equal("Started system OutputText InvalidLine user result Started InvalidLine", string.Join(' ', entries.Kinds().Split(' ')));
        AmpJsonException error = entries[3].Error!;
        Assert.Equal((AmpErrorId.InvalidStreamJson, 3L), (error.ErrorId, entries[3].LineNumber));
        Assert.Contains($"Line 3 of '{path}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("cut off", entries[^1].Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    public async Task An_empty_file_has_nothing(string text)
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "empty");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        Assert.Empty(await Recorded.ReadAsync(path));
    }

    [Fact]
    public async Task A_newer_format_is_refused_in_words_and_its_lines_are_left_out()
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "new.ndjson");
        await File.WriteAllTextAsync(path, "{\"amp_transcript\":2,\"run\":\"a\"}\n{\"run\":\"a\",\"ms\":1,\"line\":{\"type\":\"x\"}}\n", TestContext.Current.CancellationToken);
        TranscriptEntry entry = Assert.Single(await Recorded.ReadAsync(path));
        Assert.Contains("newer than this library", entry.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_an_error() => Assert.Equal(
        AmpErrorId.InvalidOption, (await Assert.ThrowsAsync<AmpValidationException>(() => Recorded.ReadAsync("/nowhere/at/all"))).ErrorId);
}
