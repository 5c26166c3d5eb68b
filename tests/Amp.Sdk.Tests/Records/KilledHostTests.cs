using System.Diagnostics;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Records;

/// <summary>A process that records a run is killed at any moment: what is in the file can be read, and nothing is in it twice.</summary>
public sealed class KilledHostTests
{
    private const int Hosts = 12;
    private const int Messages = 20_000;

    [Fact]
    public async Task What_a_killed_host_has_written_is_read_and_the_next_one_goes_on_in_the_same_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A host is killed by its signal.");
        using FakeRun run = new();
        string lines = run.Mark("lines.jsonl");
        await File.WriteAllLinesAsync(
            lines, Enumerable.Range(0, Messages).Select(number => FakeMessages.Assistant($"message {number} {new string('x', number % 300)}", "T-1").Replace("end_turn", "tool_use", StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        run.Follow(new FakeCliScript().Init().File(lines).Hang());
        string transcript = run.Mark("run.ndjson");
        Random random = new(1);
        for (int i = 0; i < Hosts; i++)
        {
            using Process host = Start(run, transcript);
            for (int left = random.Next(1, Messages); left > 0 && await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is not null; left--)
            {
            }

            host.Kill();
            await host.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        List<TranscriptEntry> entries = await Recorded.ReadAsync(transcript);
        Assert.DoesNotContain(entries, entry => entry.Error is not null);
        IGrouping<string, TranscriptEntry>[] runs = [.. entries.GroupBy(entry => entry.Run.Id)];
        Assert.Equal(Hosts, runs.Length);
        Assert.All(runs, entriesOfRun =>
        {
            Assert.Equal(TranscriptEntryKind.Interrupted, entriesOfRun.Last().Kind);
            string[] texts = [.. entriesOfRun.Select(entry => entry.Message).OfType<AssistantMessage>().Select(message => message.Text.Split(' ')[1])];
            Assert.Equal(Enumerable.Range(0, texts.Length).Select(number => $"{number}"), texts);
        });

        // Whoever waits for the end of a run whose process is gone does not wait for ever.
        Assert.Equal(entries.Kinds(), (await Recorded.ReadAsync(transcript, waitForEnd: true).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken)).Kinds());
    }

    private static Process Start(FakeRun run, string transcript)
    {
        ProcessStartInfo start = new(RepositoryLayout.Soak) { RedirectStandardOutput = true, WorkingDirectory = run.Project };
        foreach (string argument in (string[])["--record", transcript, RepositoryLayout.FakeCli])
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string? value) in run.Options.Environment!)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
