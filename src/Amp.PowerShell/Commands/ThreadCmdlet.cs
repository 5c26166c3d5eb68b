using System.Management.Automation;
using Amp.PowerShell.Completion;

namespace Amp.PowerShell.Pipeline;

/// <summary>The base of the cmdlets that do something with threads that they are given.</summary>
/// <remarks>
/// The messages of a run name its thread each time, and while they come the run goes on. So a piped thread is dealt with when another one
/// or the end has come, and once.
/// </remarks>
public abstract class ThreadCmdlet : ManagementCmdlet
{
    private ThreadClient? _client;
    private (string Id, string? Title)? _pending;

    /// <summary>The threads, by ID or URL; a thread, or a message of a run, is taken too.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "SessionId")]
    [ThreadIdTransformation]
    [ArgumentCompleter(typeof(ThreadIdCompleter))]
    public string[] ThreadId { get; set; } = [];

    /// <summary>What runs the commands.</summary>
    protected ThreadClient Client => _client ??= new ThreadClient(OrThrow(() => CliOptions));

    /// <summary>The title of the piped thread, where the cmdlet shows it.</summary>
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

    /// <summary>Deals with one thread.</summary>
    /// <param name="id">Its ID.</param>
    /// <param name="title">Its title, where it is known and shown.</param>
    protected abstract void ProcessThread(string id, string? title);

    /// <summary>How a thread is named to the user.</summary>
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
