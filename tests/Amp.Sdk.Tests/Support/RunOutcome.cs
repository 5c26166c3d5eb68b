using Amp.Execution;

namespace Amp.Sdk.Tests.Support;

/// <summary>What came of a run: all its events in order, and the exception that stood at its end.</summary>
internal sealed record RunOutcome(IReadOnlyList<AmpEvent> Events, Exception? Error)
{
    public IReadOnlyList<StreamMessage> Messages => [.. Events.Select(item => item.Message).OfType<StreamMessage>()];

    public ResultMessage? Result => Messages.OfType<ResultMessage>().LastOrDefault();

    /// <summary>
    /// The kinds of the events between the start and the exit of the CLI, messages by their type: <c>system assistant OutputText result</c>.
    /// </summary>
    public string Kinds => string.Join(
        ' ',
        Events.Where(item => item.Kind is not (AmpEventKind.Started or AmpEventKind.Exited)).Select(item => item.Message?.Type ?? item.Kind.ToString()));

    public IReadOnlyList<string> Texts(AmpEventKind kind) => [.. Events.Where(item => item.Kind == kind).Select(item => item.Text!)];

    /// <summary>Everything of the run that a user could come to see.</summary>
    public string Everything => string.Join(
        '\n', [.. Events.Select(item => item.Text ?? item.Error?.ToString() ?? item.Approval?.ToString() ?? item.Message?.RawJson), Error?.ToString(), (Error as AmpException)?.RecommendedAction, StandardError]);

    public string StandardError => (Error as AmpProcessException)?.StandardError ?? (Error as AmpTimeoutException)?.StandardError ?? string.Empty;

    public static async Task<RunOutcome> OfAsync(
        Task<RunPlan> planning, string prompt, CancellationToken cancellationToken, Action<AmpEvent>? arrived = null, Func<RunPlan, RunRole>? role = null)
    {
        List<AmpEvent> events = [];
        try
        {
            RunPlan plan = await planning;
            await foreach (AmpEvent item in role is null ? AmpClient.StreamAsync(plan, cancellationToken) : AgentRun.StreamAsync(plan, cancellationToken, role(plan)))
            {
                events.Add(item);
                arrived?.Invoke(item);
            }

            return new RunOutcome(events, null);
        }
        catch (Exception exception) when (exception is AmpException or AmpCanceledException)
        {
            return new RunOutcome(events, exception);
        }
    }

    /// <summary>The run ended well with this answer.</summary>
    public void Succeeded(string answer)
    {
        Assert.True(Error is null, Error?.ToString());
        Assert.Equal(answer, Assert.IsType<ResultMessage>(Result).Result);
    }

    /// <summary>The run ended well; gives its result.</summary>
    public ResultMessage Finished()
    {
        Assert.True(Error is null, Error?.ToString());
        return Assert.IsType<ResultMessage>(Result);
    }

    /// <summary>The run ended because it was cancelled.</summary>
    public AmpCanceledException Canceled() => Assert.IsType<AmpCanceledException>(Error);

    /// <summary>The run ended with an exception of this type and ID.</summary>
    public T Failed<T>(string errorId)
        where T : AmpException
    {
        T error = Assert.IsType<T>(Error);
        Assert.Equal(errorId, error.ErrorId);
        return error;
    }
}
