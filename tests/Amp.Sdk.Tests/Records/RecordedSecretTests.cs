using System.Text;
using Amp.Sdk.Tests.Support;
using Amp.Testing;
using Amp.Text;

namespace Amp.Sdk.Tests.Records;

/// <summary>What must not be in a transcript: secrets in any, and what was said in one for an audit.</summary>
public sealed class RecordedSecretTests
{
    private const string Key = "canary \"of\" the/key+0123456789=";
    private const string Other = "canary-of-a-header-0123456789";
    private const string Token = "sgamp_user_01ABCDEF_0123456789";

    [Fact]
    public async Task No_secret_is_written_and_every_line_stays_what_it_is()
    {
        string call = """{"cmd":"curl -H \"Authorization: Bearer abc.def\" x","n":1}""";
        using FakeRun run = new();
        run.Follow(new FakeCliScript()
            .Out($"text {Other}")
            .Init()
            .Out(FakeMessages.ToolUse("Bash", call, "t1"))
            .Out(FakeMessages.Assistant($"say {Key} and {Token}"))
            .Out($$$"""{"type":"odd","AMP_API_KEY":"whatever-it-is","deep":{"{{{Other}}}":["{{{Other}}}",1.50]},"plain":"a\/b \u00e9 é"}""")
            .Raw("{\"broken: " + Other + "\n")
            .Error(Other)
            .ErrorResult($"no {Other}"));
        run.Set(("AMP_API_KEY", Key), ("SOME_TOKEN", Other));
        string path = run.Mark("run.ndjson");
        run.Options = run.Options with { TranscriptPath = path };
        await run.RunAsync($"prompt {Key}");
        string text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

        Assert.All((string[])["canary", "abc.def", Token, "whatever-it-is"], secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);
        Assert.Equal("Started OutputText system assistant assistant odd InvalidLine result Ended", entries.Kinds());
        Assert.Equal("prompt ***", entries[0].Run.Prompt);
        Assert.Equal("""{"type":"odd","AMP_API_KEY":"***","deep":{"***":["***",1.50]},"plain":"a\/b \u00e9 é"}""", entries[5].Message!.RawJson);
        Assert.Equal("curl -H \"Authorization: Bearer ***\" x", entries[3].Message!.ToolUse[0].Command);
        Assert.Equal("no ***", ((ErrorResultMessage)entries[7].Message!).Error);
    }

    [Theory]
    [InlineData("authTOKEN=")]
    [InlineData("bEARER")]
    [InlineData("amp_API_KEY")]
    [InlineData("SGAMP_")]
    [InlineData("known-secret")]
    public void The_search_misses_no_mark_wherever_it_is(string mark)
    {
        SecretSearch search = new SecretRedactor(new Dictionary<string, string>(), ["known-secret"]).ToSearch();
        string words = string.Concat(Enumerable.Repeat("token=5, a bear, temp, ", 12));
        Assert.False(search.MayFind(Encoding.UTF8.GetBytes(words)));
        for (int i = 0; i <= words.Length; i++)
        {
            Assert.True(search.MayFind(Encoding.UTF8.GetBytes(words.Insert(i, mark))), $"{mark} at {i}");
        }
    }

    [Fact]
    public async Task An_audit_keeps_what_was_done_and_not_what_was_said()
    {
        using FakeRun run = new(new FakeCliScript()
            .Init()
            .Out(FakeMessages.ToolUse("Bash", """{"cmd":"private words","list":["private"],"n":7}""", "t1"))
            .Out(FakeMessages.ToolResult("private words", "t1"))
            .Assistant("private words")
            .Error("private words")
            .Result("private words"));
        string path = run.Mark("run.ndjson");
        run.Options = run.Options with { TranscriptPath = path, TranscriptContent = TranscriptContent.Hash };
        RunOutcome outcome = await run.RunAsync("private words");
        string text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

        Assert.DoesNotContain("private", text, StringComparison.Ordinal);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);
        string hash = $"sha256:{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes("private words"))).ToLowerInvariant()}:13";
        Assert.Equal(hash, entries[0].Run.Prompt);
        List<StreamMessage> messages = entries.Messages();
        Assert.Equal(outcome.Messages.Select(message => message.Type), messages.Select(message => message.Type));
        Assert.Equal(("Bash", "t1"), (messages[1].ToolUse[0].Name, messages[1].ToolUse[0].Id));
        Assert.Equal(hash, messages[1].ToolUse[0].Command);
        Assert.Equal(hash, messages[3].Text);
        ResultMessage result = Assert.IsType<ResultMessage>(messages[^1]);
        Assert.Equal(hash, result.Result);
        Assert.Equal(
            (outcome.Result!.Outcome, outcome.Result.ToolUseCount, outcome.Result.SessionId, outcome.Result.Usage?.OutputTokens),
            (result.Outcome, result.ToolUseCount, result.SessionId, result.Usage?.OutputTokens));
    }
}
