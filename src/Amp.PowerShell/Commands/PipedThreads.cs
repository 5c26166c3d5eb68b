using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>The threads that a cmdlet is given.</summary>
/// <remarks>
/// Every message of a run names its thread, and the run continues while they arrive. Therefore, a piped thread is processed once: when
/// another thread arrives or the input ends.
/// </remarks>
/// <param name="cmdlet">Gets the errors.</param>
/// <param name="process">Processes a thread: its ID, and its title if that is known and shown.</param>
internal sealed class PipedThreads(AmpCmdlet cmdlet, Action<string, string?> process)
{
    private (string Id, string? Title)? _pending;

    /// <summary>The name of a thread in messages to the user.</summary>
    public static string NameOf(string id, string? title) =>
        string.IsNullOrWhiteSpace(title) ? $"thread {id}" : $"thread '{TerminalText.Strip(title)}' ({id})";

    /// <summary>Takes the threads of one piped object, or of the parameter.</summary>
    /// <param name="references">The threads, as IDs or URLs.</param>
    /// <param name="title">The title, if there is one thread.</param>
    public void Add(string[] references, string? title)
    {
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
            else if (_pending?.Id != id)
            {
                End();
                _pending = (id, shown);
            }
        }
    }

    /// <summary>Processes the last thread.</summary>
    public void End()
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
