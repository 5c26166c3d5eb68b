using Amp.Plans;
using Amp.Processes;
using Amp.Ssh;
using Amp.Transports;

namespace Amp.Replay;

/// <summary>The way to an answer in this process instead of a CLI.</summary>
/// <param name="replay">What answers.</param>
/// <param name="host">The host that is not connected to, but whose name, folders and refusals are those of a real run; null for this machine.</param>
internal sealed class ReplayTransport(AmpReplay replay, SshTransport? host = null) : AmpTransport
{
    private const string Name = "replay";

    /// <inheritdoc/>
    public override string? HostName => host?.HostName;

    /// <inheritdoc/>
    internal override bool IsLocal => host is null;

    /// <inheritdoc/>
    internal override bool IsReplay => true;

    /// <summary>Returns the host for messages, as its own transport does.</summary>
    public override string ToString() => host?.ToString() ?? Name;

    // The files of the transport, such as a key, are not required where nothing connects.
    internal override CliProgram Find(CliLookup lookup)
    {
        if (host is not null)
        {
            SshArguments.CheckOptions(host);
            StartScript.CheckNames(lookup.Environment.Keys.Concat(lookup.Removed), host.HostName);
        }

        return new CliProgram(Name, Name, null, CliForm.Native, CliSource.Explicit);
    }

    // No options of a CLI are known, so none is refused.
    internal override AmpCli? Recall(CliProgram program, CliLookup lookup) => null;

    internal override Task<AmpCli?> AskAsync(CliProgram program, CliLookup lookup, CancellationToken cancellationToken) => Task.FromResult<AmpCli?>(null);

    internal override Task<RunConnection> ConnectAsync(CliProgram program, CliLookup lookup, CancellationToken cancellationToken) =>
        Task.FromResult<RunConnection>(new Connection(replay));

    private sealed class Connection(AmpReplay replay) : RunConnection, IInProcessAgent
    {
        private AgentContext? _context;
        private IReplayAnswer? _answer;

        public void Begin(AgentContext context)
        {
            _context = context;

            // Known at once, a run without an answer does not start.
            _answer = context.Plan.Prompt is string prompt ? replay.Find(context.Plan, prompt) : null;
        }

        public override RunFolder CreateFolder(string workingDirectory) => throw new NotSupportedException("An agent in this process reads no files.");

        public override Task<RunProcess> StartAsync(ProcessCommand command, CancellationToken cancellationToken) =>
            Task.FromResult<RunProcess>(new ReplayProcess(PlayAsync, _context!));

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private async Task<ProcessExit> PlayAsync(ReplayStage stage)
        {
            if (await stage.ReadMessageAsync().ConfigureAwait(false) is not string message)
            {
                // A session that was closed before its first message.
                return new ProcessExit(0, null);
            }

            return await (_answer ?? replay.Find(stage.Context.Plan, message)).PlayAsync(stage, message).ConfigureAwait(false);
        }
    }
}
