using System.Globalization;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Threads;

/// <summary>Pages of a list of threads, on a CLI that can skip.</summary>
public sealed class ListTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(300)]
    public async Task A_list_that_shows_the_same_page_again_has_an_end(int? first)
    {
        using FakeRun fake = new(September().Out(Page(0, 200)));
        List<AmpThread> threads = [];
        AmpJsonException error = await Assert.ThrowsAsync<AmpJsonException>(() => ReadAsync(fake, threads, first));
        Assert.Equal((AmpErrorId.InvalidStreamJson, 200), (error.ErrorId, threads.Count));
        Assert.Contains("same threads", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Lists(fake).Length);
    }

    [Fact]
    public async Task A_search_that_shows_the_same_page_again_has_an_end()
    {
        using FakeRun fake = new(September().Out(Page(0, 20)));
        List<AmpThread> threads = [];
        await Assert.ThrowsAsync<AmpJsonException>(async () =>
        {
            await foreach (AmpThread thread in new ThreadClient(fake.CliOptions()).FindAsync("x", cancellationToken: TestContext.Current.CancellationToken))
            {
                threads.Add(thread);
            }
        });
        Assert.Equal(20, threads.Count);
    }

    /// <summary>The search for what failed took the square of the length of the answer.</summary>
    [Fact]
    public async Task A_command_that_fails_with_a_huge_answer_is_an_error()
    {
        using FakeRun fake = new(new FakeCliScript().Out(string.Join(' ', Enumerable.Repeat("thread", 2_000_000))).Exit(1));
        AmpException error = await Assert.ThrowsAnyAsync<AmpException>(
            () => new ThreadClient(fake.CliOptions()).ExportMarkdownAsync("T-00000000-0000-4000-8000-000000000001", TestContext.Current.CancellationToken));
        Assert.Equal(AmpErrorId.CliFailed, error.ErrorId);
    }

    [Fact]
    public async Task A_thread_that_moved_to_the_next_page_is_there_once()
    {
        using FakeRun fake = new(September()
            .WithArgument("--offset=0", script => script.Out(Page(0, 200)))
            .WithArgument("--offset=200", script => script.Out(Page(199, 1)))
            .WithArgument("--offset=201", script => script.Out(Page(200, 1))));
        List<AmpThread> threads = [];
        await ReadAsync(fake, threads, first: 201);
        Assert.Equal(Enumerable.Range(0, 201).Select(Id), threads.Select(thread => thread.Id));
        Assert.Equal(["--offset=0", "--offset=200", "--offset=201"], Lists(fake).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_list_that_failed_is_read_again_for_the_next_thread()
    {
        FakeCliScript script = September().Error("Error: Error listing threads: fetch failed").Exit(1);
        using FakeRun fake = new(script);
        await using ThreadLookup lookup = new ThreadClient(fake.CliOptions()).OpenLookup();
        AmpException error = await Assert.ThrowsAnyAsync<AmpException>(() => lookup.GetAsync(Id(7), TestContext.Current.CancellationToken));
        Assert.Equal(AmpErrorId.ServiceUnreachable, error.ErrorId);

        await File.WriteAllTextAsync(script.Path!, new FakeCliScript().Out(Page(0, 20)).Text, TestContext.Current.CancellationToken);

        Assert.Equal("x", (await lookup.GetAsync(Id(7), TestContext.Current.CancellationToken)).Title);
        Assert.Equal("x", (await lookup.GetAsync(Id(8), TestContext.Current.CancellationToken)).Title);
        Assert.Equal(2, Lists(fake).Length);
    }

    [Fact]
    public async Task A_negative_number_and_a_missing_thread_are_refused_as_all_invalid_values_are()
    {
        using FakeRun fake = new(September());
        ThreadClient client = new(fake.CliOptions());
        await Assert.ThrowsAsync<AmpValidationException>(() => ReadAsync(fake, [], first: -1));
        await Assert.ThrowsAsync<AmpValidationException>(async () =>
        {
            await foreach (AmpThread thread in client.FindAsync("x", skip: -1, cancellationToken: TestContext.Current.CancellationToken))
            {
                Assert.Fail($"{thread} was found.");
            }
        });
        await Assert.ThrowsAsync<AmpValidationException>(() => client.RenameAsync(null!, "x", TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<AmpValidationException>(() => client.GetAsync(null!, TestContext.Current.CancellationToken));
        Assert.Empty(FakeCliRecord.ReadAll(fake.Log));
    }

    private static FakeCliScript September() => new FakeCliScript().Help("2026-09-23").Version("0.0.1790142911-g7618fb");

    private static async Task ReadAsync(FakeRun fake, List<AmpThread> threads, int? first)
    {
        await foreach (AmpThread thread in new ThreadClient(fake.CliOptions()).ListAsync(first: first, cancellationToken: TestContext.Current.CancellationToken))
        {
            threads.Add(thread);
        }
    }

    private static string[] Lists(FakeRun fake) =>
        [.. FakeCliRecord.ReadAll(fake.Log).Where(record => record.Kind == "Command").Select(record => record.Arguments.Single(argument => argument.StartsWith("--offset=", StringComparison.Ordinal)))];

    private static string Page(int start, int count) => "[" + string.Join(',', Enumerable.Range(start, count).Select(number => $$"""{"id":"{{Id(number)}}","title":"x"}""")) + "]";

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"T-00000000-0000-4000-8000-{number:D12}");
}
