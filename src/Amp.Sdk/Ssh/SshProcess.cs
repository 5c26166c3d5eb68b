using Amp.Processes;

namespace Amp.Ssh;

/// <summary>
/// The CLI on a host. Signals are sent as words; the host says how the CLI has exited when nothing of the run is left there. If the connection is
/// lost, the host ends the run by itself.
/// </summary>
internal sealed class SshProcess : RunProcess
{
    // Together with the times after SIGINT and SIGTERM, a run ends in less than 5 seconds also if the host does not answer.
    private static readonly TimeSpan s_killWait = TimeSpan.FromMilliseconds(1500);

    // A busy host that has begun can need some seconds to find every process of a run. While it says that it goes on, it is waited for.
    private static readonly TimeSpan s_endingWait = TimeSpan.FromSeconds(15);
    private const int MostEndingWaits = 4;

    // The last words of a client that has ended arrive at once.
    private static readonly TimeSpan s_wordsWait = TimeSpan.FromSeconds(2);

    private readonly SshLink _link;
    private AmpException? _failure;

    public SshProcess(SshLink link)
    {
        _link = link;
        Input = new HostInput(link);
        Exited = WaitAsync();
    }

    /// <inheritdoc/>
    public override int? Id => _link.Client.ProcessId;

    /// <inheritdoc/>
    public override Stream Input { get; }

    /// <inheritdoc/>
    public override Stream Output => _link.Client.Output;

    /// <inheritdoc/>
    public override Stream Error => _link.Errors;

    /// <inheritdoc/>
    public override Task<ProcessExit> Exited { get; }

    /// <inheritdoc/>
    public override AmpException? Failure => _failure;

    /// <inheritdoc/>
    public override bool Interrupt() => !Exited.IsCompleted && _link.Send("INT");

    /// <inheritdoc/>
    public override bool Terminate() => !Exited.IsCompleted && _link.Send("TERM");

    /// <inheritdoc/>
    public override async Task KillAsync()
    {
        if (Exited.IsCompleted)
        {
            // The client may still have output, and ends when it was read.
            return;
        }

        if (_link.Send("kill"))
        {
            await Task.WhenAny(Exited, _link.Errors.Ending, Task.Delay(s_killWait)).ConfigureAwait(false);
            int signs = 0;
            for (int i = 0; i < MostEndingWaits && !Exited.IsCompleted && _link.Errors.EndingSigns > signs; i++)
            {
                signs = _link.Errors.EndingSigns;
                await Task.WhenAny(Exited, Task.Delay(s_endingWait)).ConfigureAwait(false);
            }
        }

        if (!Exited.IsCompleted)
        {
            await _link.Client.KillAsync().ConfigureAwait(false);
            await Task.WhenAny(Exited, Task.Delay(s_wordsWait)).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<ProcessExit> WaitAsync()
    {
        await Task.WhenAny(_link.Errors.Told, _link.Client.Exited).ConfigureAwait(false);
        await Task.WhenAny(_link.Errors.Told, Task.Delay(s_wordsWait)).ConfigureAwait(false);
        if (_link.Errors.IsFull)
        {
            _failure = _link.Failure.Refused("private", string.Empty);
        }

        if (_link.Errors.IsLost)
        {
            _failure ??= _link.Failure.Lost();
        }

        if (_link.Errors.Told is { IsCompletedSuccessfully: true, Result: ProcessExit told })
        {
            return told;
        }

        ProcessExit exit = await _link.Client.Exited.ConfigureAwait(false);
        _failure ??= _link.Failure.Lost();
        return exit;
    }

    /// <summary>The standard input of the CLI. Its end is sent, because the connection goes on.</summary>
    private sealed class HostInput(SshLink link) : SequentialStream
    {
        private bool _isEnded;

        public override bool CanWrite => true;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await link.SendInputAsync(buffer, cancellationToken).ConfigureAwait(false);

        public override async ValueTask DisposeAsync()
        {
            if (!_isEnded)
            {
                _isEnded = true;
                await link.SendAsync("end").ConfigureAwait(false);
            }

            await base.DisposeAsync().ConfigureAwait(false);
        }
    }
}
