using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amp.Processes;

namespace Amp.Ssh;

/// <summary>
/// An SSH client that runs: what is sent to the script on the host, and when the client ends. Commands and content share its standard input, each with
/// its length before it, so that its end can mean that nobody is there anymore.
/// </summary>
internal sealed class SshLink : IAsyncDisposable
{
    private const string LogName = "ssh.log";
    private const int MarkerBytes = 12;

    // What the host reads at once. Signs of life and signals can come between two of these.
    private const int LargestBlock = 64 * 1024;

    // An empty line. If a profile has taken lines of the script, their length is still there, so that the rest begins at once and refuses.
    private static readonly byte[] s_padding = [.. Enumerable.Repeat((byte)' ', 1023), (byte)'\n'];

    private readonly PrivateFolder _folder;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly byte[] _script;
    private readonly TimeSpan _every;
    private Task _alive = Task.CompletedTask;

    private SshLink(SshTransport transport, PrivateFolder folder, ChildProcess client, string marker, byte[] script)
    {
        _folder = folder;
        _script = script;
        _every = transport.KeepAliveInterval;
        Client = client;
        Marker = marker;
        Errors = new HostErrors(client.Error, marker);
        Failure = new SshFailure(transport, Path.Combine(folder.Path, LogName));
    }

    /// <summary>The SSH client.</summary>
    public ChildProcess Client { get; }

    /// <summary>Begins the lines of the script.</summary>
    public string Marker { get; }

    /// <summary>The standard error of the CLI.</summary>
    public HostErrors Errors { get; }

    /// <summary>Makes errors of what the client and the host say.</summary>
    public SshFailure Failure { get; }

    /// <summary>Makes a marker, which nobody can guess.</summary>
    public static string NewMarker() => "amp-" + Convert.ToHexString(RandomNumberGenerator.GetBytes(MarkerBytes));

    /// <summary>Starts a client. The script is still to be sent.</summary>
    /// <param name="transport">The host.</param>
    /// <param name="script">Creates the script for the host with the marker of its lines.</param>
    /// <exception cref="AmpException">The client cannot be started.</exception>
    public static SshLink Start(SshTransport transport, Func<string, byte[]> script)
    {
        string marker = NewMarker();
        byte[] text = script(marker);
        PrivateFolder folder = PrivateFolder.Create(Path.GetTempPath());
        try
        {
            ChildProcess client = ChildProcess.Start(SshArguments.Command(transport, Path.Combine(folder.Path, LogName), SshArguments.Remote(text)));
            return new SshLink(transport, folder, client, marker, text);
        }
        catch
        {
            folder.Dispose();
            throw;
        }

    }

    /// <summary>Sends the script. If the client has ended already, what it says tells why.</summary>
    public async Task SendScriptAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync((byte[])[.. _script, .. s_padding], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // There is no shell, which is noticed next.
        }

        _alive = BeatAsync(_every);
    }

    /// <summary>Sends a file for the private folder of the host.</summary>
    public Task SendFileAsync(PrivateFile file, CancellationToken cancellationToken) =>
        WriteAsync((byte[])[.. Line($"{(file.IsProgram ? "program" : "file")} {file.Content.Length} {file.Name}"), .. file.Content.Span], cancellationToken);

    /// <summary>Sends something to a program of the host that talks with this process.</summary>
    /// <exception cref="IOException">Nobody is there anymore.</exception>
    public async Task SendToAsync(string conversation, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Also what waits for its turn is sent, because something else comes after it.
            await WriteAsync((byte[])[.. Line($"to {content.Length} {conversation}"), .. content.Span], CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectDisposedException exception)
        {
            throw new IOException("The connection has ended.", exception);
        }
    }

    /// <summary>Sends input for the CLI.</summary>
    /// <exception cref="IOException">Nobody is there anymore.</exception>
    public async Task SendInputAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        while (content.Length > 0)
        {
            int length = Math.Min(LargestBlock, content.Length);
            await WriteAsync((byte[])[.. Line($"input {length}"), .. content.Span[..length]], cancellationToken).ConfigureAwait(false);
            content = content[length..];
        }
    }

    /// <summary>Sends a command without content. If nobody is there anymore, the end of the client tells it.</summary>
    /// <returns>False if it could not even be handed over.</returns>
    public bool Send(string command)
    {
        if (Client.Exited.IsCompleted)
        {
            return false;
        }

        _ = SendAsync(command);
        return true;
    }

    /// <summary>Sends a command without content, and returns when the client has it.</summary>
    public async Task SendAsync(string command)
    {
        try
        {
            await WriteAsync(Line(command), _ended.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client has ended, or is about to.
        }
    }

    /// <summary>Ends the client. If the host can be reached, everything of the run ends there at the same time; otherwise by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await Client.DisposeAsync().ConfigureAwait(false);
        await _alive.ConfigureAwait(false);
        _folder.Dispose();
    }

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text}\n"));

    // What was begun is sent whole, or the host would take what comes after it for the rest. A pipe that nobody reads can hold it up, so the caller need
    // not wait for it.
    private Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        WriteWholeAsync(bytes, cancellationToken).WaitAsync(cancellationToken);

    private async Task WriteWholeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Client.Input.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
            await Client.Input.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task BeatAsync(TimeSpan every)
    {
        try
        {
            using PeriodicTimer timer = new(every);
            while (!Client.Exited.IsCompleted && await timer.WaitForNextTickAsync(_ended.Token).ConfigureAwait(false))
            {
                await SendAsync("beat").ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is closed.
        }
    }
}
