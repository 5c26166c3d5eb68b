using Amp.Testing;

namespace Amp.Sdk.Extensions.Tests;

/// <summary>Whatever way a request ends, its CLI ends with it.</summary>
public sealed class EndTests
{
    private static FakeCliScript Endless() => new FakeCliScript().Session(FakeChat.Thread).EndPolitely().Init().Assistant("working").Hang();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Canceling_is_an_ordinary_cancellation_and_ends_the_CLI(bool streams)
    {
        using FakeChat chat = new(Endless());
        using CancellationTokenSource cancel = new();
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            if (!streams)
            {
                Task<ChatResponse> response = chat.Client.GetResponseAsync("hi", cancellationToken: cancel.Token);
                Assert.True(await Eventually.IsTrueAsync(() => chat.HasStarted, FakeChat.HangLimit));
                await cancel.CancelAsync();
                await response;
            }

            await foreach (ChatResponseUpdate update in chat.Client.GetStreamingResponseAsync("hi", cancellationToken: cancel.Token))
            {
                if (update.Text.Length > 0)
                {
                    await cancel.CancelAsync();
                }
            }
        });
        Assert.Equal(cancel.Token, error.CancellationToken);
        Assert.IsType<AmpCanceledException>(error);
        chat.NothingIsLeft();
    }

    [Fact]
    public async Task Leaving_the_stream_early_ends_the_CLI()
    {
        using FakeChat chat = new(Endless());
        await foreach (ChatResponseUpdate _ in chat.Client.GetStreamingResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken))
        {
            break;
        }

        chat.NothingIsLeft();
    }

    [Fact]
    public async Task Disposing_the_client_stops_its_runs_and_refuses_new_ones()
    {
        using FakeChat chat = new(Endless());
        Task<ChatResponse> response = chat.Client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await Eventually.IsTrueAsync(() => chat.HasStarted, FakeChat.HangLimit));
        chat.Client.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => response.WaitAsync(FakeChat.HangLimit, TestContext.Current.CancellationToken));
        chat.NothingIsLeft();
        chat.Client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => chat.AskAsync());
    }

    [Fact]
    public async Task Disposing_the_client_stops_a_run_whose_updates_nobody_reads()
    {
        using FakeChat chat = new(Endless());
        await using IAsyncEnumerator<ChatResponseUpdate> updates =
            chat.Client.GetStreamingResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await updates.MoveNextAsync());
        chat.Client.Dispose();
        Assert.True(await ProcessProbe.WaitUntilGoneAsync(chat.Record.ProcessId, FakeChat.HangLimit));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await updates.MoveNextAsync())
            {
            }
        });
    }

    [Fact]
    public async Task A_canceled_token_starts_nothing()
    {
        using FakeChat chat = new(Endless());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => chat.Client.GetResponseAsync("hi", cancellationToken: new CancellationToken(canceled: true)));
        Assert.False(chat.HasStarted);
    }

    [Fact]
    public async Task Requests_run_side_by_side()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        ChatResponse[] responses = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => chat.AskAsync($"Number {number}")));
        Assert.Equal(["Echo: Number 0", "Echo: Number 1", "Echo: Number 2", "Echo: Number 3"], responses.Select(response => response.Text));
        Assert.Equal(4, responses.Select(response => response.ResponseId).Distinct().Count());
    }
}
