namespace Amp.Soak;

/// <summary>One run, with the ending that it was told to have.</summary>
internal static class SoakRun
{
    /// <summary>Runs to the end; what was not as it should be, in words, or null.</summary>
    public static async Task<string?> FaultAsync(Ending ending, SoakPlace place)
    {
        string thread = $"T-{Guid.NewGuid()}";
        using CancellationTokenSource cancel = new();
        List<string> foreign = [];
        string outcome;
        try
        {
            RunPlan plan = await AmpClient.PlanAsync("soak", Options(ending, place, thread), cancel.Token);
            outcome = await ReadAsync(plan, ending, thread, foreign, cancel);
        }
        catch (AmpException exception)
        {
            outcome = exception.ErrorId;
        }
        catch (AmpCanceledException exception)
        {
            outcome = exception.ErrorId;
        }

        string expected = Expected(ending);
        return outcome != expected ? $"{ending}: {outcome}, expected {expected}"
            : foreign.Count > 0 ? $"{ending}: messages of {string.Join(", ", foreign)} in {thread}"
            : null;
    }

    private static async Task<string> ReadAsync(
        RunPlan plan, Ending ending, string thread, List<string> foreign, CancellationTokenSource cancel)
    {
        string outcome = "nothing";
        await foreach (AmpEvent item in AmpClient.StreamAsync(plan, cancel.Token))
        {
            if (item.Message is not StreamMessage message)
            {
                continue;
            }

            if (message.SessionId != thread)
            {
                foreign.Add(message.SessionId ?? "nobody");
            }

            outcome = message is ResultMessage result ? result.IsError ? "error result" : "result" : outcome;
            switch (ending)
            {
                case Ending.Abandoned:
                    return "left";
                case Ending.Canceled:
                case Ending.StubbornCanceled when message is AssistantMessage:
                    await cancel.CancelAsync();
                    break;
            }
        }

        return outcome;
    }

    private static string Expected(Ending ending) => ending switch
    {
        Ending.ErrorResult => "error result",
        Ending.ExitCode or Ending.NoResult => AmpErrorId.CliFailed,
        Ending.Signal or Ending.CutLine => AmpErrorId.CliTerminated,
        Ending.TooLongLine => AmpErrorId.InvalidStreamJson,
        Ending.LoginPrompt => AmpErrorId.NotAuthenticated,
        Ending.Canceled or Ending.StubbornCanceled => AmpErrorId.Canceled,
        Ending.Timeout => AmpErrorId.Timeout,
        Ending.IdleTimeout => AmpErrorId.IdleTimeout,
        Ending.Abandoned => "left",
        Ending.CliNotFound => AmpErrorId.CliNotFound,
        _ => "result",
    };

    private static AmpOptions Options(Ending ending, SoakPlace place, string thread)
    {
        Dictionary<string, string?> environment = new(place.Environment)
        {
            ["SOAK_ENDING"] = ending.ToString(),
            ["SOAK_THREAD"] = thread,
        };
        return new AmpOptions
        {
            CliPath = ending == Ending.CliNotFound ? place.Cli + "-is-not-there" : place.Cli,
            WorkingDirectory = place.Project,
            Environment = environment,

            // So that each run writes a settings file.
            Permissions = [new AmpPermission("Bash", PermissionAction.Reject)],
            CancellationGracePeriod = TimeSpan.FromMilliseconds(ending == Ending.StubbornCanceled ? 30 : 2000),
            ExitGracePeriod = ending == Ending.StaysAfterResult ? TimeSpan.FromMilliseconds(30) : TimeSpan.FromSeconds(60),
            Timeout = ending == Ending.Timeout ? TimeSpan.FromMilliseconds(100) : null,
            IdleTimeout = ending == Ending.IdleTimeout ? TimeSpan.FromMilliseconds(100) : null,
            MaxLineBytes = 100_000,
        };
    }
}
