using System.Diagnostics;
using System.Net.Sockets;

namespace Amp.Execution;

/// <summary>
/// Detects that the service of a run is lost although its CLI does not report it: a CLI that waits for its own tool writes nothing for as
/// long as the tool takes, and longer (0.0.1790142911). While the CLI is silent, this class repeatedly tests whether the service accepts a
/// connection.
/// </summary>
internal sealed class ServiceProbe : IDisposable
{
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(10);

    // A short run ends before the first test.
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(5);

    private readonly Uri? _service;
    private readonly TimeSpan _limit;
    private readonly TimeSpan _pause;
    private readonly Func<bool> _isHeld;
    private readonly Action<StopReason> _expired;
    private readonly CancellationTokenSource _ended = new();
    private long _lastMessage;
    private volatile bool _isIdle;
    private int _isStarted;

    /// <param name="service">The service; null for no test.</param>
    /// <param name="limit">The maximum time without the service; zero for no limit.</param>
    /// <param name="isHeld">Returns whether the CLI waits for this process.</param>
    /// <param name="expired">Called when the limit is exceeded.</param>
    public ServiceProbe(Uri? service, TimeSpan limit, Func<bool> isHeld, Action<StopReason> expired)
    {
        _service = limit > TimeSpan.Zero ? service : null;
        _limit = limit;
        _pause = limit / 4;
        _isHeld = isHeld;
        _expired = expired;
    }

    /// <summary>Records that the CLI has written a message.</summary>
    /// <param name="isIdle">Whether it has nothing to do until it gets another message.</param>
    public void NoteMessage(bool isIdle)
    {
        _isIdle = isIdle;
        Volatile.Write(ref _lastMessage, Stopwatch.GetTimestamp());
        if (_service is not null && Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            _ = WatchAsync(_service, _ended.Token);
        }
    }

    public void Dispose()
    {
        // Work that waits for the token continues by itself, so the token is not disposed while it is used.
        _ended.Cancel();
    }

    // If the address of another machine does not answer, this proves nothing until it has answered once: the CLI may have other ways.
    private async Task WatchAsync(Uri service, CancellationToken cancellationToken)
    {
        try
        {
            if (!service.IsLoopback)
            {
                await Task.Delay(_pause < s_firstPause ? _pause : s_firstPause, cancellationToken).ConfigureAwait(false);
                if (!await IsReachedAsync(service, cancellationToken).ConfigureAwait(false))
                {
                    return;
                }
            }

            long goneSince = 0;
            while (true)
            {
                await Task.Delay(_pause, cancellationToken).ConfigureAwait(false);
                long silentSince = Volatile.Read(ref _lastMessage);
                bool isSilent = !_isIdle && !_isHeld() && Stopwatch.GetElapsedTime(silentSince) >= _pause;
                if (!isSilent || await IsReachedAsync(service, cancellationToken).ConfigureAwait(false))
                {
                    goneSince = 0;
                }
                else if (goneSince == 0)
                {
                    goneSince = Stopwatch.GetTimestamp();
                }
                else if (Stopwatch.GetElapsedTime(goneSince) >= _limit && Volatile.Read(ref _lastMessage) == silentSince)
                {
                    _expired(StopReason.ServiceLost);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended.
        }
    }

    private static async Task<bool> IsReachedAsync(Uri service, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(s_connectLimit);
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync(service.DnsSafeHost, service.Port, late.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
