using Amp.Processes;
using Amp.ToolServer;

namespace Amp.Services;

/// <summary>
/// A service of this process for the CLI during a run, such as a tool server or a channel for questions. It opens before the run's files
/// are written, because its address and token must be known, and closes with the run.
/// </summary>
internal interface IRunService
{
    /// <summary>
    /// The planned contribution, with placeholders for what is known only when the service is open. Plans and previews use it; nothing is
    /// opened.
    /// </summary>
    RunContribution Planned { get; }

    /// <summary>Returns whether a run on this CLI requires the service. The CLI is null before it is known.</summary>
    bool IsFor(AmpCli? cli) => true;

    /// <summary>Opens the service for a run. A plan can be run more than once.</summary>
    /// <param name="folder">The run's private folder, for files of the service.</param>
    /// <param name="cancellationToken">Canceled when the run is canceled before it starts.</param>
    ValueTask<OpenRunService> OpenAsync(RunFolder folder, CancellationToken cancellationToken);

    /// <summary>Opens the service for an agent in this process, which calls it directly: nothing listens, and no file is written.</summary>
    OpenRunService OpenInProcess() => new(RunContribution.Nothing, ClosedService.Shared);
}

/// <summary>A service with nothing to close.</summary>
internal sealed class ClosedService : IAsyncDisposable
{
    public static readonly ClosedService Shared = new();

    private ClosedService()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>An open service of a run.</summary>
/// <param name="Contribution">What the CLI is told about it, in the same form as planned.</param>
/// <param name="Lifetime">Closes the service. It is disposed when the CLI and everything it started have exited, however the run ended and
/// whatever its consumer does.</param>
internal sealed record OpenRunService(RunContribution Contribution, IAsyncDisposable Lifetime)
{
    /// <summary>The work for the CLI; null if it never takes long.</summary>
    public RunWork? Work { get; init; }

    /// <summary>Collects the structured answer; null if none was requested.</summary>
    public OutputCollector? Output { get; init; }

    /// <summary>The tools that an agent in this process calls directly, by the names that the model sees.</summary>
    public IReadOnlyList<ServedTool> Tools { get; init; } = [];

    /// <summary>Asks the caller about a call of an agent in this process; null if nobody is asked.</summary>
    public Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>>? Ask { get; init; }
}
