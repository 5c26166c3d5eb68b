using System.Text.RegularExpressions;
using System.Text.Json;
using Amp.LocalService.Model;
using Amp.LocalService.Scenarios;

namespace Amp.LocalService.Actors;

/// <summary>The agent loop of one turn, which the service runs for the native builds: ask the model, have the tools run, ask again.</summary>
internal sealed class AgentLoop(ThreadActor actor, ScenarioPlayer player, RequestLog log)
{
    /// <summary>Answers the last prompt of the thread.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        bool goesOn = true;
        while (goesOn)
        {
            string messageId = ActorIds.Message();
            actor.Announce("working", messageId);
            await actor.WaitForToolsAsync(cancellationToken);
            actor.OfferTools(messageId);
            ModelRequest request = log.Add(actor.ToRequest());
            ScenarioAnswer? answer = await AwaitAnswerAsync(request, messageId, cancellationToken);
            goesOn = answer is not null && await DeliverAsync(answer, messageId, cancellationToken);
        }
    }

    // Null where there is none: the turn ends with an error.
    private async Task<ScenarioAnswer?> AwaitAnswerAsync(ModelRequest request, string messageId, CancellationToken cancellationToken)
    {
        ScenarioAnswer answer = Ask(request);
        await Task.Delay(answer.Hang ? Timeout.InfiniteTimeSpan : answer.Delay, cancellationToken);
        if (answer.Error is { } error)
        {
            actor.Fail(error);
            return null;
        }

        if (answer.Cut is not null)
        {
            // What breaks here is the CLI's own connection, which it makes anew; the answer waits for it.
            actor.BreakConnections();
            await actor.WaitForToolsAsync(cancellationToken);
            actor.Announce("working", messageId);
            return answer.Blocks.Count > 0 ? answer : DefaultAnswers.Answer(request);
        }

        for (int block = 1; block < answer.Blocks.Count; block++)
        {
            await Task.Delay(answer.BlockDelay, cancellationToken);
        }

        return answer;
    }

    private ScenarioAnswer Ask(ModelRequest request)
    {
        try
        {
            return player.Answer(request);
        }
        catch (RegexMatchTimeoutException exception)
        {
            return new ScenarioAnswer
            {
                Error = new ServiceError(400) { Message = $"A pattern of the scenario took too long: {exception.Pattern}" },
            };
        }
    }

    // True where tools ran, whose results the model has yet to see.
    private async Task<bool> DeliverAsync(ScenarioAnswer answer, string messageId, CancellationToken cancellationToken)
    {
        ToolBlock[] calls = [.. answer.Blocks.OfType<ToolBlock>()];
        string[] ids = [.. calls.Select(_ => ActorIds.ToolCall())];
        actor.Announce("streaming", messageId);
        actor.Add(ActorMessages.Answer(actor.Id, messageId, answer, ids));
        if (calls.Length == 0)
        {
            return false;
        }

        actor.Announce("running_tools", messageId);
        JsonElement[] runs = await Task.WhenAll(
            calls.Select((call, index) => actor.CallAsync(ids[index], call, messageId, cancellationToken)));
        actor.Add(ActorMessages.Results(actor.Id, ids.Zip(runs)));
        return true;
    }
}
