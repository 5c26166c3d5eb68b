using System.Management.Automation;
using Amp.PowerShell.Completion;

namespace Amp.PowerShell.Pipeline;

/// <summary>The base class of cmdlets that process threads.</summary>
/// <remarks>
/// Every message of a run names its thread, and the run continues while they arrive. Therefore, a piped thread is processed once: when
/// another thread arrives or the input ends.
/// </remarks>
public abstract class ThreadCmdlet : ManagementCmdlet
{
    private ThreadClient? _client;
    private (string Id, string? Title)? _pending;

    /// <summary>The threads, as IDs or URLs. You can also give a thread or a message of a run.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "SessionId")]
    [ThreadIdTransformation]
    [ArgumentCompleter(typeof(ThreadIdCompleter))]
    public string[] ThreadId { get; set; } = [];

    /// <summary>The client that runs the commands.</summary>
    protected ThreadClient Client => _client ??= new ThreadClient(OrThrow(() => CliOptions));

    /// <summary>The title of the piped thread, if the cmdlet shows it.</summary>
    protected virtual string? GivenTitle => null;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string reference in ThreadId)
        {
            if (TryIdOf(reference) is not { } id)
            {
                continue;
            }

            string? title = ThreadId.Length == 1 ? GivenTitle : null;
            if (!MyInvocation.ExpectingInput)
            {
                ProcessThread(id, title);
            }
            else if (_pending?.Id != id)
            {
                ProcessPending();
                _pending = (id, title);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => ProcessPending();

    /// <summary>Processes one thread.</summary>
    /// <param name="id">The ID of the thread.</param>
    /// <param name="title">The title of the thread, if it is known and shown.</param>
    protected abstract void ProcessThread(string id, string? title);

    /// <summary>The name of a thread in messages to the user.</summary>
    protected static string NameOf(string id, string? title) =>
        string.IsNullOrWhiteSpace(title) ? $"thread {id}" : $"thread '{TerminalText.Strip(title)}' ({id})";

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

        WriteError(AmpErrorRecord.Of(failure));
        return null;
    }

    private void ProcessPending()
    {
        if (_pending is (string id, var title))
        {
            _pending = null;
            ProcessThread(id, title);
        }
    }
}
