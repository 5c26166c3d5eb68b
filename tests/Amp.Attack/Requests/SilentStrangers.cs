using System.Net;
using System.Net.Sockets;

namespace Amp.Attack.Requests;

/// <summary>Connections of strangers who have begun to speak and come to no end.</summary>
internal sealed class SilentStrangers : IDisposable
{
    // As many as a process may hold without a thought; the oldest goes when one more comes.
    private const int Most = 200;

    private readonly Queue<TcpClient> _clients = new();

    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    /// <summary>One more; all of them say another byte.</summary>
    public async Task AddAsync(int port, byte[] bytes)
    {
        TcpClient client = new();
        _clients.Enqueue(client);
        await client.ConnectAsync(IPAddress.Loopback, port);
        Count++;
        if (_clients.Count > Most)
        {
            _clients.Dequeue().Dispose();
        }

        await TrySendAsync(client, bytes);
        foreach (TcpClient other in _clients)
        {
            await TrySendAsync(other, "x"u8.ToArray());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TcpClient client in _clients)
        {
            client.Dispose();
        }
    }

    private static async Task TrySendAsync(TcpClient client, byte[] bytes)
    {
        try
        {
            await client.GetStream().WriteAsync(bytes);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // It was cut off.
        }
    }
}
