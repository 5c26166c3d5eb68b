using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Jobs;

/// <summary>The turns of a session that a job sends, one after the other, as one child job.</summary>
internal sealed class JobTurns
{
    private readonly List<UserInputMessage> _messages = [];
    private readonly RunspaceState _state = RunspaceState.Current;
    private readonly AmpSession _session;

    public JobTurns(AmpSession session) => _session = session;

    /// <summary>Whether only the messages are written that end a turn.</summary>
    public bool ResultOnly { get; init; }

    /// <summary>Whether only the objects of the answers in the shape of a schema are written.</summary>
    public bool OutputOnly { get; init; }

    /// <summary>Adds a turn.</summary>
    public void Add(UserInputMessage message) => _messages.Add(message);

    /// <summary>Creates the job; null if there is no turn.</summary>
    /// <param name="command">What was called.</param>
    /// <param name="name">The name of the job; null for a name made from its number.</param>
    public AmpJob? ToJob(string command, string? name)
    {
        if (_messages.Count == 0)
        {
            return null;
        }

        string first = _messages[0].Text;
        AmpChildJob job = new(TerminalText.WithoutSecrets(TerminalText.Strip(first)), 1, _session.Plan.Transport.HostName) { Prompt = _messages.Count == 1 ? first : null };
        return new AmpJob(command, name, [job], stop => DoAsync(job, stop), _state);
    }

    private async Task DoAsync(AmpChildJob job, CancellationToken stop)
    {
        if (!job.TryTake())
        {
            return;
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, job.StopToken);
        job.Begin();
        Exception? failure = null;
        foreach (UserInputMessage message in _messages)
        {
            if (either.IsCancellationRequested)
            {
                break;
            }

            failure = await SendAsync(job, message, either.Token).ConfigureAwait(false) ?? failure;
        }

        job.End(either.IsCancellationRequested ? new AmpCanceledException(either.Token) : failure);
    }

    // As Send-AmpMessage does it: the failure of a turn is an error, and the next message is sent.
    private async Task<Exception?> SendAsync(AmpChildJob job, UserInputMessage message, CancellationToken stop)
    {
        RunPlan plan = _session.Plan;
        RunProgress progress = RunProgress.Alone(job.Streams, plan, FleetProgress.Activity);
        using RunWriter writer = new(job.Streams, plan, progress)
        {
            AskedThread = _session.ThreadId,
            Subject = "The turn of thread",
            ResultOnly = ResultOnly,
            OutputOnly = OutputOnly,
            EndsTurnOfSession = true,
            State = _state,
            IsInBackground = true,
        };
        AmpException? failure = null;
        AmpCanceledException? canceled = null;
        ErrorResultMessage? result = null;
        try
        {
            await foreach (AmpEvent item in _session.StreamAsync(message, isInBackground: true, stop).ConfigureAwait(false))
            {
                job.Note(item, plan);
                writer.Write(item);
                result = item.Message as ErrorResultMessage ?? result;
            }
        }
        catch (AmpCanceledException exception)
        {
            canceled = exception;
        }
        catch (AmpException exception)
        {
            failure = exception;
        }

        writer.WriteEnd(failure, canceled is not null);
        return canceled ?? failure ?? (result is null ? null : (Exception)new AmpAgentException(result));
    }
}
