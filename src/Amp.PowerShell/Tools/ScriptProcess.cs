namespace Amp.PowerShell.Tools;

/// <summary>
/// Keeps the process of a tool's scripts for the next script, because its start takes most of the time of a call. The process ends when a
/// script is stopped, with the run, or after some time without a call.
/// </summary>
internal sealed class ScriptProcess : IDisposable
{
    private static readonly TimeSpan s_longestIdle = TimeSpan.FromSeconds(10);

    private readonly object _lock = new();
    private readonly Timer _idle;
    private GateProcess? _process;
    private bool _isDisposed;

    public ScriptProcess() => _idle = new Timer(static state => ((ScriptProcess)state!).End(), this, Timeout.Infinite, Timeout.Infinite);

    /// <summary>Takes the process, or starts one. The caller must give it back or dispose it.</summary>
    /// <param name="home">The folder of this PowerShell.</param>
    public GateProcess Take(string home)
    {
        GateProcess? kept;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            kept = _process;
            _process = null;
        }

        if (kept is { HasExited: false })
        {
            return kept;
        }

        kept?.Dispose();
        return GateProcess.Start(home);
    }

    /// <summary>Returns the process for the next script.</summary>
    public void GiveBack(GateProcess process)
    {
        lock (_lock)
        {
            if (!_isDisposed && _process is null)
            {
                _process = process;
                _idle.Change(s_longestIdle, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        process.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
        }

        _idle.Dispose();
        End();
    }

    private void End()
    {
        GateProcess? process;
        lock (_lock)
        {
            process = _process;
            _process = null;
        }

        process?.Dispose();
    }
}
