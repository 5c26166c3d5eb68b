using Amp.Processes;
using Amp.Transports;

namespace Amp.Cli;

/// <summary>The transport to this machine: the CLI is a child of this process.</summary>
internal sealed class LocalTransport : AmpTransport
{
    /// <summary>The transport. It has no state.</summary>
    public static readonly LocalTransport Shared = new();

    private LocalTransport()
    {
    }

    internal override CliProgram Find(CliLookup lookup) => new CliLocator(lookup.Environment, lookup.WorkingDirectory!).Find(lookup.CliPath);

    internal override AmpCli? Recall(CliProgram program, CliLookup lookup) => CliProbe.Recall(program, lookup.Environment);

    internal override async Task<AmpCli?> AskAsync(CliProgram program, CliLookup lookup, CancellationToken cancellationToken) =>
        await CliProbe.AskAsync(program, lookup.Environment, lookup.WorkingDirectory!, cancellationToken).ConfigureAwait(false);

    internal override Task<RunConnection> ConnectAsync(CliProgram program, CliLookup lookup, CancellationToken cancellationToken) =>
        Task.FromResult<RunConnection>(LocalConnection.Shared);

    // Nothing is open between the steps of a start on this machine.
    private sealed class LocalConnection : RunConnection
    {
        public static readonly LocalConnection Shared = new();

        public override RunFolder CreateFolder(string workingDirectory) => PrivateFolder.Create(workingDirectory);

        public override Task<RunProcess> StartAsync(ProcessCommand command, CancellationToken cancellationToken) =>
            Task.FromResult<RunProcess>(ChildProcess.Start(command));

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
