using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.Files;
using Amp.Messages;
using Amp.Records;
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

    [Theory]
    [InlineData(TranscriptContent.Full)]
    [InlineData(TranscriptContent.Hash)]
    public async Task No_secret_is_written_from_JSON_inside_the_result_of_a_tool(TranscriptContent content)
    {
        const string Secret = "a \"quoted\" and C:\\canary-0123456789";
        string result = "words " + Secret;
        using FakeRun run = new();
        FakeCliScript script = new FakeCliScript().Init();
        JsonSerializerOptions options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        for (int level = 0; level < 3; level++)
        {
            script.Out(FakeMessages.ToolUse("Bash", "{}", $"t{level}")).Out(FakeMessages.ToolResult(result, $"t{level}"));
            result = new JsonObject { ["output"] = result }.ToJsonString(options);
        }

        run.Follow(script.Result("done"));
        run.Set(("SOME_TOKEN", Secret));
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson"), TranscriptContent = content };
        (await run.RunAsync()).Succeeded("done");

        Assert.DoesNotContain("canary", await File.ReadAllTextAsync(run.Mark("run.ndjson"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        List<StreamMessage> messages = (await Recorded.ReadAsync(run.Mark("run.ndjson"))).Messages();
        Assert.Equal("system assistant user assistant user assistant user result", string.Join(' ', messages.Select(message => message.Type)));
        if (content == TranscriptContent.Full)
        {
            Assert.Equal(3, messages.Count(message => message.RawJson.Contains("***", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("""Xy\u003c7k\"Pass\u003e1 C:\\d\u00e4 \ud83d\ude00""")]
    [InlineData("""Xy\u003C7k\u0022Pass\u003E1 C:\u005cd\u00E4 \uD83D\uDE00""")]
    [InlineData("""Xy<7k\"Pass\u003e1 C:\\dä 😀""")]
    [InlineData("""Xy<7k\u0022Pass>1 C:\u005Cdä \ud83d\ude00""")]
    public async Task No_secret_is_written_however_JSON_inside_a_result_escapes_it(string inner)
    {
        const string Secret = "Xy<7k\"Pass>1 C:\\dä 😀";
        Assert.Equal(Secret, JsonSerializer.Deserialize<string>($"\"{inner}\""));
        string deeper = inner.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        string mixed = inner.Replace("\\", "\\u005c", StringComparison.Ordinal).Replace("\"", "\\u0022", StringComparison.Ordinal);
        using FakeRun run = new();
        FakeCliScript script = new FakeCliScript().Init();
        string[] texts = [inner, deeper, mixed];
        for (int i = 0; i < texts.Length; i++)
        {
            script.Out(FakeMessages.ToolUse("Bash", "{}", $"t{i}")).Out(FakeMessages.ToolResult($"{{\"Env\":[\"A={texts[i]}\"]}}", $"t{i}"));
        }

        run.Follow(script.Result("done"));
        run.Set(("DB_PASSWORD", Secret));
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson") };
        (await run.RunAsync()).Succeeded("done");

        Assert.DoesNotContain("Pass", await File.ReadAllTextAsync(run.Mark("run.ndjson"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        List<StreamMessage> messages = (await Recorded.ReadAsync(run.Mark("run.ndjson"))).Messages();
        Assert.All(messages.OfType<UserMessage>(), message => Assert.Equal("{\"Env\":[\"A=***\"]}", message.ToolResult[0].Content));
    }

    [Fact]
    public void A_secret_without_plain_letters_side_by_side_is_found_too()
    {
        SecretRedactor redactor = new(new Dictionary<string, string>(), ["a<b>c&d\"e", "ä\tößüé"]);
        SecretSearch search = redactor.ToSearch();
        JsonSerializerOptions plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        foreach (string text in (string[])["a<b>c&d\"e", """a\u003cb\u003ec\u0026d\"e""", """\u00e4\t\u00f6\u00df\u00fc\u00e9""", "ä\tößüé", """\\u00e4\\t\\u00f6\\u00df\\u00fc\\u00e9"""])
        {
            Assert.Equal("(***)", redactor.Redact($"({text})"));
            Assert.True(search.MayFind(JsonSerializer.SerializeToUtf8Bytes(text, plain)));
        }

        Assert.False(search.MayFind("""{"plain":"words"}"""u8));
        Assert.Equal("""C:\users\u1234 a\nb""", redactor.Redact("""C:\users\u1234 a\nb"""));
    }

    [Fact]
    public void Only_a_number_that_is_a_secret_as_a_whole_is_masked_and_never_one_of_the_record_itself()
    {
        SecretRedactor redactor = new(new Dictionary<string, string> { ["MAX_THINKING_TOKENS"] = "777777", ["PIN_KEY"] = "200000" }, []);
        const string Line = """{"run":"r","ms":200000,"line":{"duration_ms":1200000,"limit":777777,"pin":200000,"text":"777777 and 200000"}}""";
        ArrayBufferWriter<byte> output = new();
        RedactedLine.Write(Encoding.UTF8.GetBytes(Line), redactor, output);
        Assert.Equal(
            """{"run":"r","ms":200000,"line":{"duration_ms":1200000,"limit":777777,"pin":"***","text":"777777 and ***"}}""",
            Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData(TranscriptContent.Full)]
    [InlineData(TranscriptContent.Hash)]
    public async Task The_deepest_line_of_the_CLI_is_recorded_without_its_secrets(TranscriptContent content)
    {
        const int Arrays = 511;
        string deep = "{\"type\":\"odd\",\"deep\":" + new string('[', Arrays) + "\"AMP_API_KEY=canary\"" + new string(']', Arrays) + "}";
        using FakeRun run = new(new FakeCliScript().Init().Out(deep).Result("done"));
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson"), TranscriptContent = content };
        RunOutcome outcome = await run.RunAsync();

        outcome.Succeeded("done");
        Assert.Empty(outcome.Texts(AmpEventKind.Warning));
        List<TranscriptEntry> entries = await Recorded.ReadAsync(run.Mark("run.ndjson"));
        Assert.Equal("Started system odd result Ended", entries.Kinds());
        Assert.DoesNotContain("canary", entries[2].Message!.RawJson, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_whose_secrets_cannot_be_removed_is_withheld()
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "run.ndjson");
        using (TranscriptBlock block = new(new object(), AppendFile.Open(path, mustBeNew: true), SecretRedactor.Patterns, "withheld"))
        {
            block.Begin(100);
            block.Put("no JSON, AMP_API_KEY=canary\nplain\n"u8);
            block.End(isUrgent: true);
        }

        Assert.Equal("withheld\nplain\n", File.ReadAllText(path));
    }

    [Fact]
    public void Only_the_names_of_other_arguments_are_kept() => Assert.Equal(
        ["--some", "-s", "--flag"],
        (string[])RecordedOptions.Of(new AmpOptions { ExtraArguments = ["--some=canary=1", "-scanary", "--flag"] }, TranscriptContent.Full)["extra_arguments"]!);

    [Fact]
    public void An_audit_keeps_names_only_where_the_CLI_has_them()
    {
        const string Kept = """{"type":"user","name":"k","is_error":"true","message":{"role":"k","content":[{"id":"k","name":"k"}]},"mcp_servers":[{"name":"k","status":"k"}]}""";
        Assert.Equal(Kept, Hashed(Kept));

        string data = """{"data":{"name":"W","id":"W","status":"W","role":"W"},"message":{"content":[{"content":[{"name":"W"}]}]}}""";
        Assert.Equal(data.Replace("W", HashedLine.Of("words"), StringComparison.Ordinal), Hashed(data.Replace("W", "words", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_audit_has_no_title_label_or_changed_file()
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "run.ndjson");
        TranscriptWriter.Open(path, new TranscriptRun { Content = TranscriptContent.Hash, Title = "words", Labels = ["words"] }).Dispose();
        ArrayBufferWriter<byte> facts = new();
        ResultFacts known = new() { Verifications = [new AmpVerification(true, "words") { ChangedFiles = ["words"] }] };
        RecordJson.Write(facts, writer => RecordJson.WriteFacts(writer, known, null, HashedLine.Of));

        Assert.DoesNotContain("words", File.ReadAllText(path) + Encoding.UTF8.GetString(facts.WrittenSpan), StringComparison.Ordinal);
        Assert.Contains(HashedLine.Of("words"), File.ReadAllText(path), StringComparison.Ordinal);
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

    private static string Hashed(string line)
    {
        ArrayBufferWriter<byte> output = new();
        HashedLine.Write(Encoding.UTF8.GetBytes(line), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
