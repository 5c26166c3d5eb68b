using Amp.PowerShell.Pipeline;
using Amp.Text;

namespace Amp.PowerShell.Commands;

/// <summary>The threads that a cmdlet is given.</summary>
/// <remarks>
/// Every message of a run names its thread, and the run continues while they arrive. Therefore, a piped thread is processed once: when
/// another thread arrives or the input ends. The messages of several runs of a call arrive in any order, and have a <c>RunId</c>: their threads are processed
/// when the input ends. Only a result with an <c>ErrorId</c>, which is null after a success, says that its run has ended. Its thread waits as others do,
/// because the next run often continues it.
/// </remarks>
/// <param name="cmdlet">Gets the errors.</param>
/// <param name="process">Processes a thread: its ID, and its title if that is known and shown.</param>
internal sealed class PipedThreads(AmpCmdlet cmdlet, Action<string, string?> process)
{
    private const int LongestTitle = 200;

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<(string Id, string? Title)> _ofRuns = [];
    private (string Id, string? Title)? _pending;

    /// <summary>The name of a thread in messages to the user, in one line: models and other people write titles.</summary>
    public static string NameOf(string id, string? title) =>
        string.IsNullOrWhiteSpace(title) ? $"thread {id}" : $"thread '{TruncatedText.Shown(TerminalText.Name(title), LongestTitle)}' ({id})";

    /// <summary>Takes the threads of one piped object, or of the parameter.</summary>
    /// <param name="references">The threads, as IDs or URLs.</param>
    /// <param name="title">The title, if there is one thread.</param>
    /// <param name="runId">The number of the run whose message this is, if it is one of several.</param>
    public void Add(string[] references, string? title, string? runId)
    {
        // PowerShell keeps what was bound for the next objects.
        bool hasEnded = cmdlet.MyInvocation.BoundParameters.Remove(nameof(ThreadCmdlet.ErrorId));
        foreach (string reference in references)
        {
            if (TryIdOf(reference) is not { } id)
            {
                continue;
            }

            string? shown = references.Length == 1 ? title : null;
            if (!cmdlet.MyInvocation.ExpectingInput)
            {
                process(id, shown);
            }
            else if (!_seen.Add(id) && !(hasEnded && _ofRuns.RemoveAll(waiting => waiting.Id == id) > 0))
            {
                continue;
            }
            else if (!string.IsNullOrEmpty(runId) && !hasEnded)
            {
                _ofRuns.Add((id, shown));
            }
            else
            {
                ProcessPending();
                _pending = (id, shown);
            }
        }
    }

    /// <summary>Processes the threads that were not processed yet.</summary>
    public void End()
    {
        ProcessPending();
        foreach ((string id, string? title) in _ofRuns)
        {
            process(id, title);
        }
    }

    private void ProcessPending()
    {
        if (_pending is (string id, var title))
        {
            _pending = null;
            process(id, title);
        }
    }

    private string? TryIdOf(string reference)
    {
        AmpValidationException failure;
        try
        {
            return ThreadClient.IdOf(reference);
        }
        catch (AmpValidationException exception)
        {
            failure = exception;
        }

        // Outside the block, because this throws with -ErrorAction Stop.
        cmdlet.WriteError(AmpErrorRecord.Of(failure));
        return null;
    }
}
