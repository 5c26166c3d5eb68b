using Amp.Processes;

namespace Amp.Services;

/// <summary>
/// Something of this process that the CLI uses during a run and that lives exactly as long as the run: a server of tools, a channel
/// for questions. It is opened before the run's files are written, since only then its address and token are known.
/// </summary>
internal interface IRunService
{
    /// <summary>
    /// What it will contribute, with placeholders for what is known only once it is open. Plans and previews are made of it;
    /// nothing is opened for it.
    /// </summary>
    RunContribution Planned { get; }

    /// <summary>Whether a run on this CLI needs it; the CLI is null before it is known.</summary>
    bool IsFor(AmpCli? cli) => true;

    /// <summary>Opens it for one run; a plan may be run more than once.</summary>
    /// <param name="folder">The run's private folder, for files of the service's own.</param>
    /// <param name="cancellationToken">Cancelled when the run is, before it has begun.</param>
    ValueTask<OpenRunService> OpenAsync(PrivateFolder folder, CancellationToken cancellationToken);
}

/// <summary>A service that is open for one run.</summary>
/// <param name="Contribution">What the CLI is told of it; of the same shape as what was planned.</param>
/// <param name="Lifetime">
/// Closes it. Called when the CLI and all that it started have ended, whatever way the run went, and whatever the consumer of the run does.
/// </param>
internal sealed record OpenRunService(RunContribution Contribution, IAsyncDisposable Lifetime)
{
    /// <summary>What it does for the CLI; null where that never takes long.</summary>
    public RunWork? Work { get; init; }

    /// <summary>Takes the answer in the shape that was asked for; null where none was.</summary>
    public OutputCollector? Output { get; init; }
}
