using System.Diagnostics;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Records;

/// <summary>Where a transcript can be, and what happens where it cannot be written.</summary>
public sealed class TranscriptPathTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { "nowhere/run.ndjson", "in a folder that does not exist" },
        { "notes.txt", "not a transcript" },
        { "notes.txt/", "not a folder" },
        { "pipe", "not a regular file" },
        { "two", "hard links" },
        { "", "empty" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_path_that_cannot_be_used_is_an_error_before_anything_starts(string path, string reason)
    {
        Assert.SkipWhen(!OperatingSystem.IsLinux(), "Made with the tools of Linux.");
        using FakeRun run = new(new FakeCliScript().Init().Result("done"));
        await File.WriteAllTextAsync(run.Mark("notes.txt"), "mine", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(run.Mark("one"), "", TestContext.Current.CancellationToken);
        await Process.Start("mkfifo", [run.Mark("pipe")]).WaitForExitAsync(TestContext.Current.CancellationToken);
        await Process.Start("ln", [run.Mark("one"), run.Mark("two")]).WaitForExitAsync(TestContext.Current.CancellationToken);
        string full = path.Length == 0 ? path : run.Mark(path);
        run.Options = run.Options with { TranscriptPath = full };
        AmpValidationException error = (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption);

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(full, error.Message, StringComparison.Ordinal);
        Assert.Equal(nameof(AmpOptions.TranscriptPath), error.OptionName);
        Assert.Empty(FakeCliRecord.ReadAll(run.Log));
        Assert.Equal("mine", await File.ReadAllTextAsync(run.Mark("notes.txt"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_transcript_is_extended_and_a_line_that_was_cut_off_costs_nothing_else()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done"));
        string path = run.Mark("run.ndjson");
        run.Options = run.Options with { TranscriptPath = path };
        (await run.RunAsync("first")).Succeeded("done");
        byte[] first = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(path, first[..^20], TestContext.Current.CancellationToken);
        (await run.RunAsync("second")).Succeeded("done");

        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);
        Assert.Equal("Started system result Started system result Ended Interrupted", entries.Kinds());
        Assert.Equal("second", entries[^2].Run.Prompt);
        Assert.Equal("first", entries[^1].Run.Prompt);
        Assert.StartsWith("{\"amp_transcript\":1,", (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken))[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_preview_writes_nothing_and_a_folder_gets_a_file_for_each_run()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done"));
        string folder = run.Mark("runs") + Path.DirectorySeparatorChar;
        run.Options = run.Options with { TranscriptPath = folder };
        AmpClient.Preview("nothing", run.Options);
        await run.PlanAsync();
        Assert.False(Directory.Exists(folder));
        (await run.RunAsync("first")).Succeeded("done");
        run.Options = run.Options with { TranscriptPath = run.Mark("runs") };
        (await run.RunAsync("second")).Succeeded("done");

        string[] files = Directory.GetFiles(folder);
        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.Matches(@"^\d{8}T\d{6}Z-[0-9a-f]{16}\.ndjson$", Path.GetFileName(file)));
    }

    [Fact]
    public async Task A_full_disk_during_the_run_is_one_warning_and_the_run_goes_on()
    {
        Assert.SkipWhen(!OperatingSystem.IsLinux(), "Uses /dev/full.");
        using FakeRun run = new();
        string path = run.Mark("run.ndjson");
        run.Follow(new FakeCliScript().Init().Line(100_000).Line(100_000).Mark(run.Mark("written")).WaitFor(run.Mark("go")).Line(1000).Result("done"));
        run.Options = run.Options with { TranscriptPath = path };
        RunPlan plan = await run.PlanAsync();
        List<AmpEvent> events = [];
        await foreach (AmpEvent item in AmpClient.StreamAsync(plan, TestContext.Current.CancellationToken))
        {
            events.Add(item);
            if (events.Count == 3)
            {
                FullDisk.Take(path);
                await File.WriteAllTextAsync(run.Mark("go"), "", TestContext.Current.CancellationToken);
            }
        }

        Assert.Equal("done", Assert.IsType<ResultMessage>(events.Select(item => item.Message).OfType<ResultMessage>().Single()).Result);
        string warning = Assert.Single(events, item => item.Kind == AmpEventKind.Warning).Text!;
        Assert.Contains(path, warning, StringComparison.Ordinal);
        Assert.Contains("continues without it", warning, StringComparison.Ordinal);
    }
}
