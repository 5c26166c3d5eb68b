using System.Text;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Records;

/// <summary>Files that are incomplete, damaged or made by others: what can be read is read, and the reading ends.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private const string Start = """{"amp_transcript":1,"run":"a","time":"2026-11-30T01:37:00.000Z"}""";
    private const string After = """{"run":"a","ms":1,"text":"after"}""";
    private const string End = """{"run":"a","ms":2,"end":{"outcome":"Succeeded"}}""";

    private readonly PrivateHome _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(After)]
    [InlineData(Start)]
    [InlineData("""{"amp_transcript":1,"run":"a","host":"another computer","owner":"1.2.3"}""")]
    [InlineData("""{"type":"system","subtype":"init","session_id":"T-1"}""")]
    public async Task The_wait_for_a_run_of_which_nothing_is_known_ends_when_nothing_arrives(string text)
    {
        string path = Write(text);
        List<TranscriptEntry> entries = [];
        Task reading = Task.Run(
            async () =>
            {
                await foreach (TranscriptEntry entry in TranscriptReader.ReadAsync(path, true, int.MaxValue, TimeSpan.Zero, TestContext.Current.CancellationToken))
                {
                    entries.Add(entry);
                }
            },
            TestContext.Current.CancellationToken);
        await reading.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Equal((await Recorded.ReadAsync(path)).Kinds(), entries.Kinds());
    }

    [Fact]
    public async Task The_wait_ends_when_the_file_becomes_shorter()
    {
        string path = Write(StartOfThisProcess, After);
        List<TranscriptEntry> entries = await FollowAsync(path, FakeRun.HangLimit, () =>
        {
            using FileStream other = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            other.SetLength(10);
        });

        Assert.Equal("Started OutputText InvalidLine Interrupted", entries.Kinds());
        Assert.Contains("shorter", entries[2].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_wait_ends_when_the_file_is_deleted_and_nothing_arrives()
    {
        string path = Write(StartOfThisProcess, After);
        List<TranscriptEntry> entries = await FollowAsync(path, TimeSpan.Zero, () =>
        {
            File.Delete(path);
            if (OperatingSystem.IsLinux())
            {
                // On other systems, another file with the name is not told from the one that was opened.
                Write(Start);
            }
        });

        Assert.Equal("Started OutputText Interrupted", entries.Kinds());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task An_error_while_reading_is_not_the_end_of_the_file(int length)
    {
        string path = Write([Start, .. Enumerable.Repeat(After, 10_000), End]);
        List<TranscriptEntry> entries = [];
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(async () =>
        {
            await foreach (TranscriptEntry entry in TranscriptReader.ReadAsync(path, name => new FailingFile(name, length), false, int.MaxValue, TimeSpan.Zero, TestContext.Current.CancellationToken))
            {
                entries.Add(entry);
            }
        });

        Assert.Equal(AmpErrorId.InvalidOption, error.ErrorId);
        Assert.Contains(FailingFile.Reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(entries, entry => entry.Kind is TranscriptEntryKind.Ended or TranscriptEntryKind.Interrupted);
        Assert.Equal(length > 1000, entries.Count > 1000);
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(1_000_000)]
    public async Task A_line_that_is_too_long_is_told_and_the_next_ones_are_read(int length)
    {
        string path = Write(Start, new string('x', length), After, End);
        List<TranscriptEntry> entries = [];
        await foreach (TranscriptEntry entry in TranscriptReader.ReadAsync(path, false, 1000, TimeSpan.Zero, TestContext.Current.CancellationToken))
        {
            entries.Add(entry);
        }

        Assert.Equal("Started InvalidLine OutputText Ended", entries.Kinds());
        Assert.Equal([1L, 2L, 3L, 4L], entries.Select(entry => entry.LineNumber));
        Assert.Contains("longer than 1000 bytes", entries[1].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_is_too_long_and_still_arrives_is_no_lines_of_its_own()
    {
        string path = Write(Start);
        await File.AppendAllTextAsync(path, new string('x', 5000), TestContext.Current.CancellationToken);
        List<TranscriptEntry> entries = [];
        await foreach (TranscriptEntry entry in TranscriptReader.ReadAsync(path, true, 1000, FakeRun.HangLimit, TestContext.Current.CancellationToken))
        {
            entries.Add(entry);
            if (entry.Kind == TranscriptEntryKind.InvalidLine && entries.Count == 2)
            {
                // The reader is at the end of the file, in the middle of the line.
                await File.AppendAllTextAsync(path, "the rest of it\n" + After + "\n" + End + "\n", TestContext.Current.CancellationToken);
            }
        }

        Assert.Equal("Started InvalidLine OutputText Ended", entries.Kinds());
        Assert.Equal([1L, 2L, 3L, 4L], entries.Select(entry => entry.LineNumber));
    }

    [Fact]
    public async Task A_run_of_a_newer_format_is_told_whatever_follows_it()
    {
        const string Newer = """{"amp_transcript":2,"run":"n","time":"2026-11-30T01:37:00.000Z"}""";
        List<TranscriptEntry> entries = await Recorded.ReadAsync(Write(Newer, Start, """{"run":"n","ms":1,"text":"never"}""", After, End, Newer));
        Assert.Equal("InvalidLine Started OutputText Ended InvalidLine", entries.Kinds());
        Assert.All((int[])[0, 4], at => Assert.Contains("newer than this library", entries[at].Error!.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(300_000_000_000_000)]
    public async Task A_time_that_does_not_exist_is_an_invalid_line(long milliseconds)
    {
        string path = Write(Start, $$"""{"run":"a","ms":{{milliseconds}},"text":"never"}""", After, End);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);
        Assert.Equal("Started InvalidLine OutputText Ended", entries.Kinds());
        Assert.Equal(2, entries[1].LineNumber);
    }

    [Fact]
    public async Task A_file_with_countless_runs_is_read_in_part_and_says_so()
    {
        string path = Write([Start, .. Enumerable.Range(0, 10_100).Select(number => $$"""{"run":"r{{number}}","ms":1,"text":"x"}"""), End]);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);
        Assert.Equal(10_000, entries.Count(entry => entry.Kind == TranscriptEntryKind.Started));
        Assert.Contains("have no end", Assert.Single(entries, entry => entry.Kind == TranscriptEntryKind.InvalidLine).Error!.Message, StringComparison.Ordinal);
        Assert.Single(entries, entry => entry.Kind == TranscriptEntryKind.Ended);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Half_a_line_of_a_killed_process_costs_no_line_of_another_run(bool isNew)
    {
        string path = Path.Combine(_home.Root, "run.ndjson");
        int others = isNew ? 0 : 1;
        if (!isNew)
        {
            TranscriptWriter.Open(path).Dispose();
        }

        using (TranscriptWriter writer = TranscriptWriter.Open(path, new TranscriptRun { Id = "mine" }))
        {
            await using (FileStream other = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
            {
                other.Write(Encoding.UTF8.GetBytes("""{"run":"half"""));
            }

            writer.WriteOutputText("after");
            writer.Flush();
            writer.WriteEnd(new TranscriptEnd { Outcome = ResultOutcome.Succeeded });
        }

        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);
        Assert.Equal("Started OutputText Ended", entries.Where(entry => entry.Run.Id == "mine" && entry.Kind != TranscriptEntryKind.InvalidLine).Kinds());
        Assert.Equal(others, entries.Count(entry => entry.Kind == TranscriptEntryKind.Interrupted));
    }

    [Fact]
    public async Task A_run_with_a_file_of_its_own_leaves_no_empty_line()
    {
        string path = Path.Combine(_home.Root, "run.ndjson");
        using (TranscriptWriter writer = TranscriptWriter.Open(path))
        {
            writer.WriteOutputText("one");
            writer.Flush();
            writer.WriteEnd(new TranscriptEnd { Outcome = ResultOutcome.Succeeded });
        }

        Assert.DoesNotContain("", await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken));
    }

    // A process that exists can still write the end of its run.
    private static string StartOfThisProcess =>
        $$"""{"amp_transcript":1,"run":"a","time":"2026-11-30T01:37:00.000Z","host":"{{Environment.MachineName}}","owner":"{{ProcessIdentity.Current}}"}""";

    // Waits for the end of a run of this process, whose file is changed after its text.
    private static async Task<List<TranscriptEntry>> FollowAsync(string path, TimeSpan longestSilence, Action change)
    {
        List<TranscriptEntry> entries = [];
        await foreach (TranscriptEntry entry in TranscriptReader.ReadAsync(path, true, int.MaxValue, longestSilence, TestContext.Current.CancellationToken))
        {
            entries.Add(entry);
            if (entry.Kind == TranscriptEntryKind.OutputText)
            {
                change();
            }
        }

        return entries;
    }

    private string Write(params string[] lines)
    {
        string path = Path.Combine(_home.Root, "run.ndjson");
        File.WriteAllText(path, string.Concat(lines.Select(line => line.Length == 0 ? line : line + "\n")));
        return path;
    }

    // A file of a share that is lost while it is read.
    private sealed class FailingFile(string path, long length) : FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0)
    {
        public const string Reason = "The share is lost.";

        public override int Read(Span<byte> buffer) =>
            Position < length ? base.Read(buffer[..(int)Math.Min(buffer.Length, length - Position)]) : throw new IOException(Reason);
    }
}
