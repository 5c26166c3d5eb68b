using System.Management.Automation;
using Amp.PowerShell.Commands;
using Amp.PowerShell.Completion;

namespace Amp.PowerShell.Pipeline;

/// <summary>The base class of cmdlets that process threads.</summary>
public abstract class ThreadCmdlet : ManagementCmdlet
{
    private readonly PipedThreads _threads;
    private ThreadClient? _client;

    /// <summary>Creates the cmdlet.</summary>
    protected ThreadCmdlet() => _threads = new PipedThreads(this, ProcessThread);

    /// <summary>The threads, as IDs or URLs. You can also give a thread or a message of a run.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "SessionId")]
    [ThreadIdTransformation]
    [ArgumentCompleter(typeof(ThreadIdCompleter))]
    public string[] ThreadId { get; set; } = [];

    /// <summary>The number of the run whose message is piped in, if it is one of several runs that work at the same time.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    public string? RunId { get; set; }

    /// <summary>The error of the run whose result is piped in. A result that has this property, even with null, is the last message of its run.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    public string? ErrorId { get; set; }

    /// <summary>The client that runs the commands.</summary>
    protected ThreadClient Client => _client ??= new ThreadClient(OrThrow(() => CliOptions));

    /// <summary>The title of the piped thread, if the cmdlet shows it.</summary>
    protected virtual string? GivenTitle => null;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _threads.Add(ThreadId, GivenTitle, RunId);

    /// <inheritdoc/>
    protected override void EndProcessing() => _threads.End();

    /// <summary>Processes one thread.</summary>
    /// <param name="id">The ID of the thread.</param>
    /// <param name="title">The title of the thread, if it is known and shown.</param>
    protected abstract void ProcessThread(string id, string? title);

    /// <summary>The name of a thread in messages to the user.</summary>
    protected static string NameOf(string id, string? title) => PipedThreads.NameOf(id, title);
}
