using System.Text;
using Amp.Records;
using Amp.Replay;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Records;

/// <summary>What is read from a transcript is what the run gave.</summary>
public sealed class RoundTripTests
{
    public static TheoryData<string> Files =>
    [
        .. Directory.EnumerateFiles(RepositoryLayout.Transcripts, "*.jsonl", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(RepositoryLayout.Transcripts, path)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Recorded_objects_are_those_of_the_live_run(string file)
    {
        string path = Path.Combine(RepositoryLayout.Transcripts, file);
        using FakeRun run = new(new FakeCliScript().Transcript(path));
        string transcript = run.Mark("run.ndjson");
        run.Options = run.Options with { TranscriptPath = transcript };
        RunOutcome outcome = await run.RunAsync();
        List<TranscriptEntry> entries = await Recorded.ReadAsync(transcript);

        Assert.Equal(outcome.Messages.Select(ObjectText.Of), entries.Messages().Select(ObjectText.Of));
        Assert.Equal(TranscriptEntryKind.Started, entries[0].Kind);
        Assert.Equal(TranscriptEntryKind.Ended, entries[^1].Kind);
        Assert.All(entries, entry => Assert.Same(entries[0].Run, entry.Run));
        Assert.All(entries.Messages(), message => Assert.NotNull(message.Time));
        TranscriptEnd end = entries[^1].End!;
        Assert.Equal((outcome.Result!.Outcome, outcome.Result.SessionId, 0), (end.Outcome, end.ThreadId, end.ExitCode));
        Assert.Equal((outcome.Error as AmpException)?.ErrorId ?? (outcome.Result is ErrorResultMessage error ? new AmpAgentException(error).ErrorId : null), end.ErrorId);
        Assert.Equal(("Say hello", run.Project), (entries[0].Run.Prompt, entries[0].Run.WorkingDirectory));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(transcript));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Plain_output_of_the_CLI_is_read_too(string file)
    {
        string path = Path.Combine(RepositoryLayout.Transcripts, file);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);

        Assert.Equal(await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken), entries.Messages().Select(message => message.RawJson));
        Assert.Equal("Started", entries.Take(1).Kinds());
        Assert.All(entries.Messages(), message => Assert.Null(message.Time));
        Assert.DoesNotContain(entries, entry => entry.Error is not null);
    }

    [Fact]
    public async Task Runs_in_plain_output_are_told_apart_even_if_they_were_killed()
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "nights.jsonl");
        string[] killed = Transcripts.Lines("rejected")[..^1];
        await File.WriteAllLinesAsync(path, [.. killed, .. killed, .. Transcripts.Lines("text"), .. killed], TestContext.Current.CancellationToken);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);
        List<TranscriptEntry>[] runs = [.. entries.GroupBy(entry => entry.Run).Select(run => run.ToList())];

        Assert.Equal([true, true, false, true], runs.Select(run => run[^1].Kind == TranscriptEntryKind.Interrupted));
        Assert.All(runs, run => Assert.Equal(TranscriptEntryKind.Started, run[0].Kind));
        Assert.Equal(entries.Select(entry => entry.LineNumber).Order(), entries.Select(entry => entry.LineNumber));
        List<TranscriptEntry> alone = await Recorded.ReadAsync(Path.Combine(RepositoryLayout.Transcripts, "text.jsonl"));
        Assert.Equal(alone.Messages().Select(ObjectText.Of), runs[2].Messages().Select(ObjectText.Of));

        // The killed runs have the same thread.
        UsageCounter usage = new([]);
        entries.Messages().ForEach(message => usage.Add(message, UsageOrigin.Unknown));
        Assert.Equal(4, Assert.Single(usage.Complete()).Runs);
        Assert.Equal(4, (await RunRecord.ReadAsync(path, TestContext.Current.CancellationToken)).Count);
    }

    [Theory]
    [InlineData("words\n")]
    [InlineData("{\"level\":\"info\"}\n")]
    [InlineData("{\n}\n")]
    public async Task Lines_of_other_programs_are_not_a_run_that_was_killed(string text)
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "other.jsonl");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(await Recorded.ReadAsync(path), entry => entry.Kind == TranscriptEntryKind.Interrupted);
    }

    [Fact]
    public async Task Lines_as_they_are_written_and_other_spellings_of_them_are_read_in_the_same_way()
    {
        static string Said(string id, int tokens) =>
            $$$$"""{"type":"assistant","session_id":"T-1","message":{"id":"{{{{id}}}}","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":{{{{tokens}}}},"output_tokens":1}}}""";
        const string Start = """{"amp_transcript":1,"run":"ab12","time":"2026-11-30T01:00:00.000Z","kind":"run"}""";
        string[] lines =
        [
            $$"""{"run":"ab12","ms":5,"line":{{Said("m1", 10)}}}""",
            $$"""{"run":"ab12","ms":5,"line":{{Said("m2", 20)}},}""",
            $$"""{"run":"ab12","ms":6,"line":{{Said("m2", 30)}},"later":1}""",
            $$"""{"run":"ab12","ms":6,"line":{{Said("m2", 40)}}}""",
            $$"""{"run":"ab12","ms":07,"line":{{Said("m3", 50)}}}""",
            $$"""{"run":"ab12","ms":7,"line":{{Said("m3", 60)}}} x""",
            $$"""{"run":"ab12","ms":7,"line":{{Said("m4", 70)}} }""",
            """{"run":"ab12","ms":0,"line":{}}""",
            """{"run":"ab12","ms":8,"line":[{}]}""",
            $$"""{"run":"cd34","ms":9,"line":{{Said("m5", 80)}}}""",
            $$"""{"run":"ab12","ms":9,"line":{{Said("m6", 90)}},"line":{{Said("m7", 100)}}}""",
            $$"""{"run":"ab12","ms":99999999999999999,"line":{{Said("m8", 110)}}}""",
            """{"run":"ab12","ms":10,"line":{"type":"result","subtype":"success","is_error":false,"result":"x","session_id":"T-1"}}""",
            """{"run":"ab12","ms":11,"end":{"outcome":"Succeeded"}}""",
            $$"""{"run":"ab12","ms":12,"line":{{Said("m9", 120)}}}""",
        ];
        using PrivateHome home = new();
        string written = Path.Combine(home.Root, "written.ndjson");
        string other = Path.Combine(home.Root, "other.ndjson");
        await File.WriteAllLinesAsync(written, [Start, .. lines], TestContext.Current.CancellationToken);

        // No writer of ours begins in this way, so nothing is known of the rest.
        await File.WriteAllLinesAsync(other, [Start, .. lines.Select(line => "{ " + line[1..])], TestContext.Current.CancellationToken);
        List<TranscriptEntry> expected = await Recorded.ReadAsync(other);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(written);

        Assert.Equal(expected.Select(Shown), entries.Select(Shown));
        Assert.Equal(10, entries.Messages().Count);
        Assert.Equal(4, entries.Count(entry => entry.Kind == TranscriptEntryKind.InvalidLine));

        Assert.Equal(
            expected.Messages().OfType<ResultMessage>().Single().Usage!.InputTokens,
            entries.Messages().OfType<ResultMessage>().Single().Usage!.InputTokens);

        static (TranscriptEntryKind, long, string, DateTimeOffset?, string?) Shown(TranscriptEntry entry) =>
            (entry.Kind, entry.LineNumber, entry.Run.Id, entry.Time, entry.Message?.RawJson);
    }

    [Fact]
    public async Task Everything_beside_messages_is_there_in_its_place()
    {
        using FakeRun run = new(new FakeCliScript().Out("no JSON").Init().Out("{\"broken\"").Error("words on stderr").Assistant("one").Result("done"));
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson"), Labels = ["night"], TokenLimit = 10, AllowUnknownUsage = true };
        RunOutcome outcome = await run.RunAsync();
        List<TranscriptEntry> entries = await Recorded.ReadAsync(run.Mark("run.ndjson"));

        Assert.Equal("Started OutputText system InvalidLine Warning assistant result Ended", entries.Kinds());
        Assert.Equal(outcome.Texts(AmpEventKind.OutputText), [entries[1].Text!]);
        Assert.Equal("{\"broken\"", entries[3].Error!.RawLine);
        Assert.Equal(outcome.Texts(AmpEventKind.Warning), [entries[4].Text!]);
        Assert.Contains("words on stderr", entries[^1].End!.StandardError, StringComparison.Ordinal);
        Assert.Equal("night", Assert.Single(entries[0].Run.Labels));
        Assert.Equal(10L, entries[0].Run.Options["token_limit"]);
        Assert.Equal(Environment.MachineName, entries[0].Run.HostName);
        Assert.NotNull(entries[0].Run.CliVersion);
        Assert.All(entries, entry => Assert.NotNull(entry.Time));
    }

    [Fact]
    public async Task A_run_on_a_host_counts_for_the_host_and_its_record_is_of_this_computer()
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "run.ndjson");
        using (TranscriptWriter writer = TranscriptWriter.Open(path, new TranscriptRun { AgentHost = "web01" }))
        {
            writer.Write(MessageFactory.CreateResult("done", "T-1"));
            writer.WriteEnd(new TranscriptEnd { Outcome = ResultOutcome.Succeeded });
        }

        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);
        Assert.Equal(("web01", Environment.MachineName), (entries[0].Run.AgentHost, entries[0].Run.HostName));
        UsageCounter usage = new([UsageProperty.Host]);
        usage.Add(Assert.Single(entries.Messages()), UsageOrigin.Unknown);
        Assert.Equal("web01", Assert.Single(usage.Complete()).HostName);

        using ReportWriter report = new(new ReportOptions { Format = ReportFormat.Markdown });
        await report.AddTranscriptAsync(path, TestContext.Current.CancellationToken);
        using MemoryStream page = new();
        report.WriteTo(page);
        Assert.Contains("web01", Encoding.UTF8.GetString(page.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_has_its_inputs_and_one_record_for_each_of_its_processes()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turns());
        run.Options = run.Options with { TranscriptPath = run.Mark("folder") + Path.DirectorySeparatorChar };
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Echo: first", await session.AnswerAsync("first"));
        string file = Assert.Single(Directory.GetFiles(run.Mark("folder")));
        Assert.Equal("Started Input system user assistant Interrupted", (await Recorded.ReadAsync(file)).Kinds());
        Assert.Equal("Echo: second", await session.AnswerAsync("second"));
        await session.EndAsync(TestContext.Current.CancellationToken);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(file);
        Assert.Equal("Started Input system user assistant Input user assistant result Ended", entries.Kinds());
        Assert.Equal(["first", "second"], entries.Where(entry => entry.Kind == TranscriptEntryKind.Input).Select(entry => entry.Text));
        Assert.True(entries[0].Run is { IsSession: true, Prompt: null });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, OperatingSystem.IsWindows() ? (UnixFileMode)448 : File.GetUnixFileMode(run.Mark("folder")));
    }

    [Fact]
    public async Task What_the_consumer_did_not_wait_for_is_recorded_too()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().EndPolitely().Init().Assistant("one").Mark(run.Mark("said")).Hang());
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson"), CancellationGracePeriod = FakeRun.HangLimit };
        await foreach (StreamMessage message in run.ExecuteAsync())
        {
            await run.MarkIsSetAsync("said");
            break;
        }

        List<TranscriptEntry> entries = await Recorded.ReadAsync(run.Mark("run.ndjson"));
        Assert.Equal("Started system assistant result Ended", entries.Kinds());
        Assert.Equal(ResultOutcome.Canceled, entries[^1].End!.Outcome);
        Assert.Equal(ResultOutcome.Canceled, Assert.IsType<ErrorResultMessage>(entries[3].Message).Outcome);
    }

    [Fact]
    public async Task Runs_at_the_same_time_share_a_file_and_are_told_apart()
    {
        using FakeRun run = new(new FakeCliScript().Init().File(Path.Combine(RepositoryLayout.Transcripts, "tool-bash.jsonl")).Assistant("one").Result("done"));
        run.Options = run.Options with { TranscriptPath = run.Mark("all.ndjson") };
        RunOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => run.RunAsync($"run {number}")));
        List<TranscriptEntry> entries = await Recorded.ReadAsync(run.Mark("all.ndjson"));

        Assert.DoesNotContain(entries, entry => entry.Kind is TranscriptEntryKind.InvalidLine or TranscriptEntryKind.Interrupted);
        Dictionary<string, List<TranscriptEntry>> runs = entries.GroupBy(entry => entry.Run.Prompt!).ToDictionary(group => group.Key, group => group.ToList());
        Assert.Equal(8, runs.Count);
        for (int i = 0; i < outcomes.Length; i++)
        {
            Assert.Equal(outcomes[i].Messages.Select(ObjectText.Of), runs[$"run {i}"].Messages().Select(ObjectText.Of));
        }
    }
}
