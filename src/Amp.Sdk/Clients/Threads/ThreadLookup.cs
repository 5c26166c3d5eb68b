using Amp.Cli;

namespace Amp;

/// <summary>
/// Gets threads by their IDs. The user's list is read page by page, only as far as the requested threads, and each page serves all
/// requests. Only one caller at a time can use it.
/// </summary>
public sealed class ThreadLookup : IAsyncDisposable
{
    private readonly ThreadClient _client;
    private readonly Dictionary<string, AmpThread> _seen = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _cancellation = new();
    private IAsyncEnumerator<AmpThread>? _list;
    private bool _isRead;

    internal ThreadLookup(ThreadClient client) => _client = client;

    /// <summary>Gets a thread: from the list, which contains most details, or else from its export.</summary>
    /// <param name="threadId">The ID or URL.</param>
    /// <param name="cancellationToken">Cancels the command, and with it this lookup.</param>
    /// <exception cref="AmpValidationException">The text is neither.</exception>
    /// <exception cref="AmpException">The thread does not exist, or the CLI cannot be used or failed.</exception>
    public async Task<AmpThread> GetAsync(string threadId, CancellationToken cancellationToken = default)
    {
        string id = ThreadClient.IdOf(threadId);
        using CancellationTokenRegistration cancelled = cancellationToken.Register(_cancellation.Cancel);
        AmpThread? thread = _seen.GetValueOrDefault(id);
        while (thread is null && await ReadNextAsync().ConfigureAwait(false) is AmpThread next)
        {
            thread = next.Id == id ? next : null;
        }

        return thread ?? await _client.ExportOneAsync(id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops reading the list.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_list is not null)
        {
            await _list.DisposeAsync().ConfigureAwait(false);
        }

        _cancellation.Dispose();
    }

    private async Task<AmpThread?> ReadNextAsync()
    {
        if (_isRead)
        {
            return null;
        }

        _list ??= await _client.ListEachAsync(_cancellation.Token).ConfigureAwait(false);
        try
        {
            _isRead = !await _list.MoveNextAsync().ConfigureAwait(false);
        }
        catch
        {
            // Afterwards, it would report its end. For the next thread, the list is read again.
            await _list.DisposeAsync().ConfigureAwait(false);
            _list = null;
            throw;
        }

        if (_isRead)
        {
            return null;
        }

        _seen.TryAdd(_list.Current.Id, _list.Current);
        return _list.Current;
    }
}
