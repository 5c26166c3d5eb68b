using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Amp.Attack.Requests;

/// <summary>Sends bytes to a port of this machine.</summary>
internal static class Stranger
{
    private const int LongestAnswer = 64 * 1024;

    /// <summary>Sends them and gives what comes back until the other side has closed; a broken connection is the end too.</summary>
    public static async Task<string> AskAsync(int port, byte[] bytes)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, port);
        NetworkStream stream = client.GetStream();
        MemoryStream answer = new();
        try
        {
            Task sending = SendAsync(stream, bytes);
            byte[] buffer = new byte[4096];
            for (int read; answer.Length < LongestAnswer && (read = await stream.ReadAsync(buffer)) > 0;)
            {
                answer.Write(buffer, 0, read);
            }

            await sending;
        }
        catch (IOException)
        {
            // Cut off: what came before counts.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }

    private static async Task SendAsync(NetworkStream stream, byte[] bytes)
    {
        try
        {
            await stream.WriteAsync(bytes);
            stream.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // It does not listen any more.
        }
    }
}
